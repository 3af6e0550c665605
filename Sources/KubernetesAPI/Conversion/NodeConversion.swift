import ServiceModel

extension Conversion {
  /// The taint that the cluster autoscaler puts on a Node it is about to remove (KEP-3836).
  private static let deletionTaint = "ToBeDeletedByClusterAutoscaler"

  mutating func node(_ wire: WireNode) throws(FieldProblem) -> DecodedObject.Content {
    let name = metadata.name ?? ""
    try FieldCheck.subdomain(name, "metadata.name")
    var node = Node(name: name, uid: metadata.uid ?? "")
    try FieldCheck.labelValue(node.uid, "metadata.uid")
    if let zone = metadata.labels?.zone, !zone.isEmpty {
      try FieldCheck.labelValue(zone, "metadata.labels[topology.kubernetes.io/zone]")
      node.zone = zone
    }
    node.isBeingDeleted =
      metadata.deletionTimestamp != nil
      || (wire.spec?.taints ?? []).contains { $0.key == Conversion.deletionTaint }
    var podCIDRs = wire.spec?.podCIDRs ?? []
    if podCIDRs.isEmpty, let single = wire.spec?.podCIDR, !single.isEmpty { podCIDRs = [single] }
    for (index, text) in podCIDRs.enumerated() {
      node.podCIDRs.append(try FieldCheck.cidr(text, "spec.podCIDRs[\(index)]"))
    }
    node.addresses = nodeAddresses(wire, type: "InternalIP") + nodeAddresses(wire, type: "ExternalIP")
    return .node(node)
  }

  /// A wrong address is left out and not the Node: kubelets and cloud providers write them without a check.
  private mutating func nodeAddresses(_ wire: WireNode, type: String) -> [IPAddress] {
    var result: [IPAddress] = []
    for (index, address) in (wire.status?.addresses ?? []).enumerated() where address.type == type {
      let text = address.address ?? ""
      guard let value = IPAddress(text) else {
        remark("status.addresses[\(index)].address", "\(text.quoted) is no IP address and is left out")
        continue
      }
      if !result.contains(value) { result.append(value) }
    }
    return result
  }

  func serviceCIDR(_ wire: WireServiceCIDR) throws(FieldProblem) -> DecodedObject.Content {
    try FieldCheck.subdomain(metadata.name ?? "", "metadata.name")
    guard wire.isReady else { return .ignored(.notReady) }
    var result: [CIDR] = []
    for (index, text) in (wire.spec?.cidrs ?? []).enumerated() {
      result.append(try FieldCheck.cidr(text, "spec.cidrs[\(index)]"))
    }
    return .serviceCIDR(result)
  }
}
