import ServiceModel

extension Conversion {
  /// The taint that the cluster autoscaler adds to a Node before it removes the Node (KEP-3836).
  private static let deletionTaint = "ToBeDeletedByClusterAutoscaler"

  /// Only the name is required. Kubelets and cloud providers write addresses that the API server does not check.
  mutating func node(_ wire: WireNode) throws(FieldProblem) -> DecodedObject.Content {
    let name = metadata.name ?? ""
    try FieldCheck.subdomain(name, "metadata.name")
    var node = Node(name: name, uid: labelValue(metadata.uid, "metadata.uid") ?? "")
    node.zone = labelValue(metadata.labels?.zone, "metadata.labels[topology.kubernetes.io/zone]")
    node.isBeingDeleted =
      metadata.deletionTimestamp != nil
      || (wire.spec?.taints ?? []).contains { $0.key == Conversion.deletionTaint }
    node.podCIDRs = cidrs(wire.spec?.podCIDRs, "spec.podCIDRs")
    if node.podCIDRs.isEmpty, let single = wire.spec?.podCIDR, !single.isEmpty {
      let cidr = part { (_) throws(FieldProblem) in try FieldCheck.cidr(single, "spec.podCIDR") }
      node.podCIDRs = cidr.map { [$0] } ?? []
    }
    node.addresses = nodeAddresses(wire, type: "InternalIP") + nodeAddresses(wire, type: "ExternalIP")
    return .node(node)
  }

  /// nil if the value is absent or empty.
  private mutating func labelValue(_ text: String?, _ field: String) -> String? {
    guard let text, !text.isEmpty else { return nil }
    let isValue: Void? = part { (_) throws(FieldProblem) in try FieldCheck.labelValue(text, field) }
    return isValue.map { text }
  }

  private mutating func cidrs(_ texts: [String]?, _ path: String) -> [CIDR] {
    var result: [CIDR] = []
    for (index, text) in (texts ?? []).enumerated() {
      let cidr = part { (_) throws(FieldProblem) in try FieldCheck.cidr(text, "\(path)[\(index)]") }
      if let cidr { result.append(cidr) }
    }
    return result
  }

  private mutating func nodeAddresses(_ wire: WireNode, type: String) -> [IPAddress] {
    var result: [IPAddress] = []
    for (index, address) in (wire.status?.addresses ?? []).enumerated() where address.type == type {
      let value = part { (_) throws(FieldProblem) in
        try FieldCheck.address(address.address ?? "", "status.addresses[\(index)].address")
      }
      if let value, !result.contains(value) { result.append(value) }
    }
    return result
  }

  mutating func serviceCIDR(_ wire: WireServiceCIDR) throws(FieldProblem) -> DecodedObject.Content {
    try FieldCheck.subdomain(metadata.name ?? "", "metadata.name")
    guard wire.isReady else { return .ignored(.notReady) }
    return .serviceCIDR(cidrs(wire.spec?.cidrs, "spec.cidrs"))
  }
}
