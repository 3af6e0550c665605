import ServiceModel

extension Conversion {
  /// Converts a Service as kube-proxy sees it: `spec.clusterIP` empty or `None` and type ExternalName are ignored.
  mutating func service(_ wire: WireService) throws(FieldProblem) -> DecodedObject.Content {
    let name = try namespacedName()
    try FieldCheck.label(name.name, "metadata.name")
    if let proxy = metadata.labels?.serviceProxyName { return .ignored(.otherServiceProxy(proxy)) }
    let spec = wire.spec ?? WireService.Spec()
    let type = try FieldCheck.choice(spec.type, default: WireServiceType.clusterIP, "spec.type")
    let texts = try clusterIPTexts(spec)
    if texts.contains("None") { return .ignored(.headless) }
    guard type != .externalName else { return .ignored(.externalName) }
    if texts.isEmpty { return .ignored(.noClusterIP) }

    var service = Service(
      name: name, type: type.model, clusterIPs: try clusterIPs(texts, of: spec), ports: [])
    service.ports = try ports(spec, of: name, type: type)
    service.externalIPs = try externalIPs(spec)
    service.loadBalancerIPs = try loadBalancerIPs(wire)
    service.loadBalancerSourceRanges = try sourceRanges(spec)
    service.affinityTimeout = try affinityTimeout(spec)
    service.internalTrafficPolicy = try policy(spec.internalTrafficPolicy, "spec.internalTrafficPolicy")
    let external = try policy(spec.externalTrafficPolicy, "spec.externalTrafficPolicy")
    // The API lets the field stand on a Service that nobody outside can reach; it means nothing there.
    let isExternal = type != .clusterIP || !service.externalIPs.isEmpty
    service.externalTrafficPolicy = isExternal ? external : .cluster
    let healthPort = try FieldCheck.optionalPort(spec.healthCheckNodePort, "spec.healthCheckNodePort")
    if type == .loadBalancer && external == .local { service.healthCheckNodePort = healthPort }
    return .service(service)
  }

  private func clusterIPTexts(_ spec: WireService.Spec) throws(FieldProblem) -> [String] {
    let single = spec.clusterIP ?? ""
    guard let list = spec.clusterIPs, let first = list.first else { return single.isEmpty ? [] : [single] }
    if !single.isEmpty && first != single {
      throw FieldProblem(
        field: "spec.clusterIPs[0]", problem: "\(first.quoted) is not spec.clusterIP (\(single.quoted))")
    }
    return list == [""] ? [] : list
  }

  private mutating func clusterIPs(_ texts: [String], of spec: WireService.Spec) throws(FieldProblem) -> [IPAddress] {
    if texts.count > 2 {
      throw FieldProblem(field: "spec.clusterIPs", problem: "has \(texts.count) addresses, two are possible")
    }
    var result: [IPAddress] = []
    for (index, text) in texts.enumerated() {
      let isList = spec.clusterIPs?.isEmpty == false
      let address = try legacyAddress(text, isList ? "spec.clusterIPs[\(index)]" : "spec.clusterIP")
      if result.contains(where: { $0.family == address.family }) {
        throw FieldProblem(
          field: "spec.clusterIPs[\(index)]", problem: "\(address) is a second \(address.family.rawValue) address")
      }
      result.append(address)
    }
    for (index, text) in (spec.ipFamilies ?? []).enumerated() {
      guard let family = IPFamily(rawValue: text) else {
        throw FieldProblem(field: "spec.ipFamilies[\(index)]", problem: "\(text.quoted) is none of IPv4, IPv6")
      }
      if index < result.count && result[index].family != family {
        throw FieldProblem(
          field: "spec.ipFamilies[\(index)]", problem: "is \(text), but spec.clusterIPs[\(index)] is \(result[index])")
      }
    }
    return result
  }

  private func policy(_ text: String?, _ field: String) throws(FieldProblem) -> TrafficPolicy {
    try FieldCheck.choice(text, default: WireTrafficPolicy.cluster, field).model
  }

  /// Seconds, 10800 unless said otherwise (core/v1 DefaultClientIPServiceAffinitySeconds); nil without affinity.
  private func affinityTimeout(_ spec: WireService.Spec) throws(FieldProblem) -> Int? {
    let affinity = try FieldCheck.choice(
      spec.sessionAffinity, default: WireSessionAffinity.none, "spec.sessionAffinity")
    guard affinity == .clientIP else { return nil }
    let seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800
    guard (1...86_400).contains(seconds) else {
      throw FieldProblem(
        field: "spec.sessionAffinityConfig.clientIP.timeoutSeconds", problem: "\(seconds) is not within 1 to 86400")
    }
    return seconds
  }
}

extension WireServiceType {
  /// ExternalName never gets this far.
  fileprivate var model: ServiceType {
    switch self {
    case .clusterIP, .externalName: .clusterIP
    case .nodePort: .nodePort
    case .loadBalancer: .loadBalancer
    }
  }
}
