import ServiceModel

extension Conversion {
  /// Converts a Service like kube-proxy: Services without a cluster IP, with cluster IP `None`, or of type ExternalName
  /// are ignored.
  mutating func service(_ wire: WireService) throws(FieldProblem) -> DecodedObject.Content {
    let name = try namespacedName()
    try FieldCheck.label(name.name, "metadata.name")
    if let proxy = metadata.labels?.serviceProxyName { return .ignored(.otherServiceProxy(proxy)) }
    let spec = wire.spec ?? WireService.Spec()
    let type = serviceType(wire)
    if let reason = ignoreReason(spec, type) {
      remarkWithoutEffect(spec, reason)
      return .ignored(reason)
    }

    var service = Service(name: name, type: type.model, clusterIPs: try clusterIPs(spec), ports: [])
    service.ports = try ports(spec, of: name, type: type)
    service.externalIPs = externalIPs(spec)
    service.loadBalancerIPs = loadBalancerIPs(wire)
    setSourceRanges(spec, of: &service)
    service.affinityTimeout = affinityTimeout(spec)
    service.internalTrafficPolicy = policy(spec.internalTrafficPolicy, "spec.internalTrafficPolicy")
    let external = policy(spec.externalTrafficPolicy, "spec.externalTrafficPolicy")
    // The API allows the field on a Service without external traffic. It has no meaning there.
    let isExternal = type != .clusterIP || !service.externalIPs.isEmpty
    service.externalTrafficPolicy = isExternal ? external : .cluster
    let healthPort = part { (_) throws(FieldProblem) in
      try FieldCheck.optionalPort(spec.healthCheckNodePort, "spec.healthCheckNodePort")
    }
    if type == .loadBalancer && external == .local { service.healthCheckNodePort = healthPort ?? nil }
    return .service(service)
  }

  /// A newer API server may have types that are unknown here. The type is then derived from the other fields.
  /// kube-proxy also uses only those fields, except for ExternalName.
  private mutating func serviceType(_ wire: WireService) -> WireServiceType {
    let spec = wire.spec ?? WireService.Spec()
    let known = part("the Service's type is derived from its other fields") { (_) throws(FieldProblem) in
      try FieldCheck.choice(spec.type, default: WireServiceType.clusterIP, "spec.type")
    }
    if let known { return known }
    let isBalanced = wire.status?.loadBalancer?.ingress?.isEmpty == false || (spec.healthCheckNodePort ?? 0) != 0
    if isBalanced { return .loadBalancer }
    return (spec.ports ?? []).contains { ($0.nodePort ?? 0) != 0 } ? .nodePort : .clusterIP
  }

  private func ignoreReason(_ spec: WireService.Spec, _ type: WireServiceType) -> IgnoreReason? {
    let single = spec.clusterIP ?? ""
    let list = spec.clusterIPs ?? []
    if single == "None" || single.isEmpty && list.first == "None" { return .headless }
    if type == .externalName { return .externalName }
    return single.isEmpty && list.allSatisfy(\.isEmpty) ? .noClusterIP : nil
  }

  /// Adds remarks about fields that have no effect because the Service has no rules.
  private mutating func remarkWithoutEffect(_ spec: WireService.Spec, _ reason: IgnoreReason) {
    if reason == .noClusterIP {
      remark("spec.clusterIP", "is missing, and only an API server allocates one; the Service gets no rules")
      return
    }
    let why =
      reason == .headless
      ? "because the Service is headless (spec.clusterIP is None)" : "because its type is ExternalName"
    if spec.externalIPs?.isEmpty == false {
      remark("spec.externalIPs", "has no effect, \(why)")
      ignore((spec.externalIPs ?? []).compactMap { LegacyAddress.address($0) })
    }
    if let index = spec.ports?.firstIndex(where: { ($0.nodePort ?? 0) != 0 }) {
      remark("spec.ports[\(index)].nodePort", "has no effect, \(why)")
    }
  }

  /// An unknown policy counts as Cluster, as in kube-proxy.
  private mutating func policy(_ text: String?, _ field: String) -> TrafficPolicy {
    let known = part("it is treated as Cluster") { (_) throws(FieldProblem) in
      try FieldCheck.choice(text, default: WireTrafficPolicy.cluster, field)
    }
    return (known ?? .cluster).model
  }

  /// core/v1 DefaultClientIPServiceAffinitySeconds.
  private static let defaultAffinity = 10_800

  /// Seconds, by default 10800; nil without affinity. An unknown affinity counts as None, as in kube-proxy.
  private mutating func affinityTimeout(_ spec: WireService.Spec) -> Int? {
    let affinity = part("it is treated as None") { (_) throws(FieldProblem) in
      try FieldCheck.choice(spec.sessionAffinity, default: WireSessionAffinity.none, "spec.sessionAffinity")
    }
    guard affinity == .clientIP else { return nil }
    guard let seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds else { return Conversion.defaultAffinity }
    if (1...86_400).contains(seconds) { return seconds }
    remark(
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
      "\(seconds) is not within 1 to 86400; the default of \(Conversion.defaultAffinity) is used")
    return Conversion.defaultAffinity
  }
}

extension WireServiceType {
  /// ExternalName Services are ignored before, so that case is never used.
  fileprivate var model: ServiceType {
    switch self {
    case .clusterIP, .externalName: .clusterIP
    case .nodePort: .nodePort
    case .loadBalancer: .loadBalancer
    }
  }
}
