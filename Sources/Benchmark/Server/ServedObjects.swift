import ServiceModel

/// Objects of the synthetic cluster as the API server writes them. No text in them needs to be escaped, because all
/// names come from ``SyntheticCluster``.
enum ServedObjects {
  static func service(_ service: Service, version: Int) -> String {
    let addresses = service.clusterIPs.map { "\"\($0)\"" }.joined(separator: ",")
    let families = service.clusterIPs.map { "\"\($0.family.rawValue)\"" }.joined(separator: ",")
    var spec =
      #""type":"\#(service.type.rawValue)","clusterIP":"\#(service.clusterIPs[0])","clusterIPs":[\#(addresses)]"#
    spec += #","ipFamilies":[\#(families)],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster""#
    spec += #","ports":[\#(service.ports.map(port).joined(separator: ","))]"#
    if service.type != .clusterIP { spec += #","externalTrafficPolicy":"Cluster""# }
    if let timeout = service.affinityTimeout {
      spec += #","sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":\#(timeout)}}"#
    } else {
      spec += #","sessionAffinity":"None""#
    }
    if !service.loadBalancerSourceRanges.isEmpty {
      let ranges = service.loadBalancerSourceRanges.map { "\"\($0)\"" }.joined(separator: ",")
      spec += #","loadBalancerSourceRanges":[\#(ranges)]"#
    }
    let ingress = service.loadBalancerIPs.map { #"{"ip":"\#($0)","ipMode":"VIP"}"# }.joined(separator: ",")
    let status = ingress.isEmpty ? "{}" : #"{"ingress":[\#(ingress)]}"#
    return opening(.services, service.name, version) + "},\"spec\":{\(spec)},\"status\":{\"loadBalancer\":\(status)}}"
  }

  private static func port(_ port: Service.Port) -> String {
    let nodePort = port.nodePort.map { #","nodePort":\#($0)"# } ?? ""
    return #"{"port":\#(port.port),"targetPort":\#(SyntheticCluster.endpointPort),"protocol":"TCP"\#(nodePort)}"#
  }

  static func slice(_ slice: EndpointSlice, version: Int) -> String {
    let endpoints = slice.endpoints.map { endpoint in
      #"{"addresses":["\#(endpoint.address)"],"conditions":{"ready":true,"serving":true,"terminating":false}"#
        + (endpoint.nodeName.map { #","nodeName":"\#($0)"}"# } ?? "}")
    }
    let ports = slice.ports.map { #"{"name":"\#($0.name)","port":\#($0.port),"protocol":"TCP"}"# }
    return opening(.endpointslices, slice.name, version)
      + #","labels":{"kubernetes.io/service-name":"\#(slice.service.name)"}}"#
      + #","addressType":"\#(slice.family.rawValue)","ports":[\#(ports.joined(separator: ","))]"#
      + #","endpoints":[\#(endpoints.joined(separator: ","))]}"#
  }

  /// The node that the measured program is on.
  static func node(_ family: IPFamily, version: Int) -> String {
    let address = family == .ipv4 ? "192.0.2.1" : "2001:db8::1"
    return ServedResource.nodes.opening(version: version)
      + """
      "name":"\(SyntheticCluster.nodeName)","uid":"\(SyntheticCluster.nodeName)",\
      "labels":{"kubernetes.io/hostname":"\(SyntheticCluster.nodeName)"}},"spec":{},\
      "status":{"addresses":[{"type":"InternalIP","address":"\(address)"},\
      {"type":"Hostname","address":"\(SyntheticCluster.nodeName)"}]}}
      """
  }

  private static func opening(_ resource: ServedResource, _ name: NamespacedName, _ version: Int) -> String {
    resource.opening(version: version)
      + #""name":"\#(name.name)","namespace":"\#(name.namespace)","uid":"\#(name.namespace)-\#(name.name)""#
  }
}
