import KubernetesAPI
import ServiceModel

/// Checks the values that get from the cluster into rules. iptables-restore would read a wrong one as something else.
enum RuleInput {
  static func check(_ content: DecodedObject.Content) throws(Finding) {
    switch content {
    case .service(let service): try check(service)
    case .endpointSlice(let slice): try check(slice)
    case .node(let node): try require(NameRule.isSubdomain(node.name), "a Node is named \(node.name.debugDescription)")
    case .serviceCIDR, .ignored: break
    }
  }

  static func check(_ snapshot: ClusterSnapshot) throws(Finding) {
    for service in snapshot.services.values { try check(service) }
    for slice in snapshot.slices.values.flatMap(\.values) { try check(slice) }
  }

  static func check(_ service: Service) throws(Finding) {
    try require(
      NameRule.isLabel(service.name.namespace) && NameRule.isSubdomain(service.name.name),
      "a Service is named \("\(service.name)".debugDescription)")
    for port in service.ports {
      try require(
        port.name.port.isEmpty || NameRule.isLabel(port.name.port),
        "a port of a Service is named \(port.name.port.debugDescription)")
      try require(port.port > 0 && port.nodePort != 0, "a port of a Service is 0")
    }
  }

  static func check(_ slice: EndpointSlice) throws(Finding) {
    for endpoint in slice.endpoints {
      try require(endpoint.address.family == slice.family, "\(endpoint.address) is in a slice of \(slice.family)")
      // CVE-2021-25737
      try require(!endpoint.address.isLoopback, "\(endpoint.address) is an endpoint")
    }
    try require(slice.ports.allSatisfy { $0.port > 0 }, "a port of a slice is 0")
  }
}
