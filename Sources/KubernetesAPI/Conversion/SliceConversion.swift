import ServiceModel

extension Conversion {
  /// Converts a slice. Slices of names, of headless Services and of no Service are ignored, as kube-proxy does.
  mutating func endpointSlice(_ wire: WireEndpointSlice, interner: inout StringInterner)
    throws(FieldProblem) -> DecodedObject.Content
  {
    let name = try namespacedName()
    if metadata.labels?.headless != nil { return .ignored(.headlessSlice) }
    guard let text = wire.addressType, !text.isEmpty else {
      throw FieldProblem(field: "addressType", problem: "is missing")
    }
    guard let family = try FieldCheck.choice(text, default: WireAddressType.fqdn, "addressType").family else {
      return .ignored(.nameSlice)
    }
    guard let owner = metadata.labels?.serviceName, !owner.isEmpty else { return .ignored(.noServiceName) }
    // A label may hold what is no Service's name: the slice is valid then, and nobody's.
    guard NameRule.isLabel(owner), let service = NamespacedName(namespace: name.namespace, name: owner) else {
      return .ignored(.noSuchService(owner))
    }
    var slice = EndpointSlice(
      name: name, service: service, family: family, ports: try slicePorts(wire), endpoints: [],
      lastChangeTriggerTime: metadata.annotations?.lastChangeTriggerTime.flatMap(RFC3339.seconds))
    slice.endpoints.reserveCapacity(wire.endpoints?.count ?? 0)
    for (index, endpoint) in (wire.endpoints ?? []).enumerated() {
      if let endpoint = try self.endpoint(endpoint, at: index, family: family, interner: &interner) {
        slice.endpoints.append(endpoint)
      }
    }
    return .endpointSlice(slice)
  }

  /// A port without a number stands for all ports of headless Services; a proxy can do nothing with it. The API takes
  /// numbers that are no ports: the others of the slice are good all the same.
  private mutating func slicePorts(_ wire: WireEndpointSlice) throws(FieldProblem) -> [EndpointSlice.Port] {
    var result: [EndpointSlice.Port] = []
    for (index, wire) in (wire.ports ?? []).enumerated() {
      let name = try FieldCheck.portName(wire.name, "ports[\(index)].name")
      let transport = try FieldCheck.choice(
        wire.protocol, default: TransportProtocol.tcp, "ports[\(index)].protocol")
      guard let number = wire.port, number != 0 else { continue }
      guard let port = UInt16(exactly: number) else {
        remark("ports[\(index)].port", "\(number) is no port (1 to 65535) and is left out")
        continue
      }
      result.append(EndpointSlice.Port(name: name, transport: transport, port: port))
    }
    return result
  }

  /// The first address counts: discovery/v1 calls the others interchangeable, and proxies use one.
  private mutating func endpoint(
    _ wire: WireEndpointSlice.Endpoint, at index: Int, family: IPFamily, interner: inout StringInterner
  ) throws(FieldProblem) -> Endpoint? {
    guard let text = wire.addresses?.first else {
      remark("endpoints[\(index)].addresses", "is empty; the endpoint is left out")
      return nil
    }
    let path = "endpoints[\(index)].addresses[0]"
    let address = try legacyAddress(text, path)
    guard address.family == family else {
      throw FieldProblem(field: path, problem: "\(address) is no \(family.rawValue) address, as addressType says")
    }
    if let kind = address.specialKind {
      // CVE-2021-25737: such an endpoint would turn a Service into a way to the node's own services.
      remark(path, "\(address) is \(kind); the endpoint is left out")
      return nil
    }
    var endpoint = Endpoint(address: address, conditions: Conversion.conditions(wire.conditions))
    if let node = wire.nodeName, !node.isEmpty {
      try FieldCheck.subdomain(node, "endpoints[\(index)].nodeName")
      endpoint.nodeName = interner.intern(node)
    }
    if let hints = wire.hints {
      endpoint.zoneHints = try self.hints(hints.forZones, "endpoints[\(index)].hints.forZones", &interner)
      endpoint.nodeHints = try self.hints(hints.forNodes, "endpoints[\(index)].hints.forNodes", &interner)
    }
    return endpoint
  }

  private func hints(
    _ wires: [WireEndpointSlice.Named]?, _ path: String, _ interner: inout StringInterner
  ) throws(FieldProblem) -> [String] {
    var result: [String] = []
    for (index, wire) in (wires ?? []).enumerated() {
      // An empty zone is a valid hint; it is for no node that has a zone.
      let name = wire.name ?? ""
      if name.utf8.count > 63 {
        try FieldCheck.subdomain(name, "\(path)[\(index)].name")
      } else {
        try FieldCheck.labelValue(name, "\(path)[\(index)].name")
      }
      result.append(interner.intern(name))
    }
    return result
  }

  /// Absent `ready` and `serving` mean true, absent `terminating` false (discovery/v1 EndpointConditions).
  private static func conditions(_ wire: WireEndpointSlice.Conditions?) -> Endpoint.Conditions {
    var result: Endpoint.Conditions = []
    if wire?.ready ?? true { result.insert(.ready) }
    if wire?.serving ?? true { result.insert(.serving) }
    if wire?.terminating ?? false { result.insert(.terminating) }
    return result
  }
}
