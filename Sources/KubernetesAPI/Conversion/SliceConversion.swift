import ServiceModel
import Time

extension Conversion {
  /// Converts a slice. Slices of FQDN addresses, of headless Services and of no Service are ignored, as in kube-proxy.
  mutating func endpointSlice(_ wire: WireEndpointSlice, interner: inout StringInterner)
    throws(FieldProblem) -> DecodedObject.Content
  {
    let name = try namespacedName()
    if metadata.labels?.headless != nil { return .ignored(.headlessSlice) }
    guard let text = wire.addressType, !text.isEmpty else {
      throw FieldProblem(field: "addressType", problem: "is missing")
    }
    let type = part("the slice is left out") { (_) throws(FieldProblem) in
      try FieldCheck.choice(text, default: WireAddressType.fqdn, "addressType")
    }
    guard let family = type?.family else { return .ignored(.addressType(text)) }
    guard let owner = metadata.labels?.serviceName, !owner.isEmpty else { return .ignored(.noServiceName) }
    // The label may contain text that is not the name of a Service. The slice is then valid but belongs to no Service.
    guard NameRule.isLabel(owner), let service = NamespacedName(namespace: name.namespace, name: owner) else {
      remark(
        "metadata.labels[kubernetes.io/service-name]",
        "\(owner.quoted) is not a valid name of a Service; the slice is left out")
      return .ignored(.noSuchService(owner))
    }
    var slice = EndpointSlice(
      name: name, service: service, family: family, ports: slicePorts(wire), endpoints: [],
      lastChangeTriggerTime: metadata.annotations?.lastChangeTriggerTime.flatMap(WallTime.init(rfc3339:)))
    slice.endpoints.reserveCapacity(wire.endpoints?.count ?? 0)
    for (index, endpoint) in (wire.endpoints ?? []).enumerated() {
      if let endpoint = self.endpoint(endpoint, at: index, family: family, interner: &interner) {
        slice.endpoints.append(endpoint)
      }
    }
    return .endpointSlice(slice)
  }

  /// The ports of a slice. A port without a number means all ports, for headless Services. A proxy cannot use it.
  private mutating func slicePorts(_ wire: WireEndpointSlice) -> [EndpointSlice.Port] {
    var result: [EndpointSlice.Port] = []
    for (index, wire) in (wire.ports ?? []).enumerated() {
      let port = part("the port is left out") { (_) throws(FieldProblem) in
        let name = try FieldCheck.portName(wire.name, "ports[\(index)].name")
        let transport = try FieldCheck.choice(
          wire.protocol, default: TransportProtocol.tcp, "ports[\(index)].protocol")
        guard let number = wire.port else {
          throw FieldProblem(
            field: "ports[\(index)].port",
            problem: "is missing, which means all ports; a proxy cannot use such a port")
        }
        return EndpointSlice.Port(
          name: name, transport: transport, port: try FieldCheck.port(number, "ports[\(index)].port"))
      }
      if let port { result.append(port) }
    }
    return result
  }

  private mutating func endpoint(
    _ wire: WireEndpointSlice.Endpoint, at index: Int, family: IPFamily, interner: inout StringInterner
  ) -> Endpoint? {
    guard let address = endpointAddress(wire.addresses ?? [], "endpoints[\(index)].addresses", family) else {
      return nil
    }
    var endpoint = Endpoint(address: address, conditions: Conversion.conditions(wire.conditions))
    if let node = wire.nodeName, !node.isEmpty {
      let isName: Void? = part { (_) throws(FieldProblem) in
        try FieldCheck.subdomain(node, "endpoints[\(index)].nodeName")
      }
      if isName != nil { endpoint.nodeName = interner.intern(node) }
    }
    if let hints = wire.hints {
      endpoint.zoneHints = self.hints(hints.forZones, &interner) { "endpoints[\(index)].hints.forZones[\($0)].name" }
      endpoint.nodeHints = self.hints(hints.forNodes, &interner) { "endpoints[\(index)].hints.forNodes[\($0)].name" }
    }
    return endpoint
  }

  /// The first valid address. In discovery/v1, all addresses of an endpoint are interchangeable, and proxies use one.
  private mutating func endpointAddress(
    _ texts: [String], _ path: @autoclosure () -> String, _ family: IPFamily
  ) -> IPAddress? {
    if texts.isEmpty {
      leaveOut("the endpoint is left out", FieldProblem(field: path(), problem: "is empty"))
      return nil
    }
    for (index, text) in texts.enumerated() {
      let consequence = index == texts.count - 1 ? "the endpoint is left out" : "it is left out"
      let address = part(consequence) { (conversion) throws(FieldProblem) in
        try conversion.endpointAddress(text, "\(path())[\(index)]", family)
      }
      guard let address else { continue }
      if texts.count > index + 1 {
        remark(path(), "contains \(texts.count) addresses; only \(address) is used")
      }
      return address
    }
    return nil
  }

  private mutating func endpointAddress(
    _ text: String, _ field: @autoclosure () -> String, _ family: IPFamily
  ) throws(FieldProblem) -> IPAddress {
    let address = try legacyAddress(text, field())
    guard address.family == family else {
      throw FieldProblem(
        field: field(),
        problem: "\(address) is not an \(family.rawValue) address, but addressType is \(family.rawValue)")
    }
    // CVE-2021-25737: with such an endpoint, a Service would give access to the node's own local services.
    if let kind = address.specialKind { throw FieldProblem(field: field(), problem: "\(address) is \(kind)") }
    return address
  }

  private mutating func hints(
    _ wires: [WireEndpointSlice.Named]?, _ interner: inout StringInterner, _ field: (Int) -> String
  ) -> [String] {
    var result: [String] = []
    for (index, wire) in (wires ?? []).enumerated() {
      // An empty zone is a valid hint. It matches no node that has a zone.
      let name = wire.name ?? ""
      let isName: Void? = part { (_) throws(FieldProblem) in
        if name.utf8.count > 63 {
          try FieldCheck.subdomain(name, field(index))
        } else {
          try FieldCheck.labelValue(name, field(index))
        }
      }
      if isName != nil { result.append(interner.intern(name)) }
    }
    return result
  }

  /// A missing `ready` or `serving` means true, a missing `terminating` means false (discovery/v1 EndpointConditions).
  private static func conditions(_ wire: WireEndpointSlice.Conditions?) -> Endpoint.Conditions {
    var result: Endpoint.Conditions = []
    if wire?.ready ?? true { result.insert(.ready) }
    if wire?.serving ?? true { result.insert(.serving) }
    if wire?.terminating ?? false { result.insert(.terminating) }
    return result
  }
}
