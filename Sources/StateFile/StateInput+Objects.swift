import ServiceModel
import Time

extension StateInput {
  /// Reads the header, which follows the magic bytes and the version.
  mutating func header() throws(StateFileError) -> StateHeader {
    guard let cluster = ClusterIdentity(bytes: try bytes(ClusterIdentity.byteCount)) else { throw .damaged }
    let nodeName = try string()
    let asOf = try time()
    let versions = try list(least: 2) { (input) throws(StateFileError) in (try input.string(), try input.string()) }
    return StateHeader(
      cluster: cluster, nodeName: nodeName, asOf: asOf, resourceVersions: Dictionary(versions) { $1 })
  }

  /// Reads the rest of the content, which follows the header.
  mutating func snapshot() throws(StateFileError) -> ClusterSnapshot {
    var snapshot = ClusterSnapshot()
    for node in try list(least: 6, { (input) throws(StateFileError) in try input.node() }) { snapshot.set(node) }
    snapshot.serviceCIDRs = Set(try list(least: 6) { (input) throws(StateFileError) in try input.block() })
    let count = try varint()
    guard count <= remaining / 4 else { throw malformed("a list is longer than the file") }
    for _ in 0..<count {
      let owner = try objectName(namespace: try name())
      if try flag() {
        guard NameRule.isLabel(owner.name) else { throw malformed("\(owner.name.quoted) is no name of a Service") }
        snapshot.set(try service(owner))
      }
      let slices = try varint()
      guard slices <= remaining / 5 else { throw malformed("a list is longer than the file") }
      for _ in 0..<slices { snapshot.set(try slice(of: owner)) }
    }
    guard remaining == 0 else { throw malformed("there are bytes after the end of the state") }
    return snapshot
  }

  private mutating func objectName(namespace: String, prefix: String = "") throws(StateFileError) -> NamespacedName {
    let text = prefix + (try string())
    guard let name = NamespacedName(namespace: namespace, name: text) else {
      throw malformed("\(namespace.quoted) and \(text.quoted) are not a valid namespace and name")
    }
    return name
  }

  private mutating func node() throws(StateFileError) -> Node {
    var node = Node(name: try name())
    node.zone = try list(least: 1) { (input) throws(StateFileError) in try input.name() }.first
    node.addresses = try addresses()
    node.podCIDRs = try list(least: 6) { (input) throws(StateFileError) in try input.block() }
    node.isBeingDeleted = try flag()
    node.uid = try string()
    try check(node)
    return node
  }

  private mutating func service(_ name: NamespacedName) throws(StateFileError) -> Service {
    typealias Flags = StateFormat.ServiceFlags
    let flags = try varint()
    var service = Service(name: name, clusterIPs: try addresses(), ports: [])
    let isOneOfEach = Set(service.clusterIPs.map(\.family)).count == service.clusterIPs.count
    guard isOneOfEach else { throw malformed("Service \(name) has two cluster IPs of a family") }
    service.type = try type(flags)
    service.internalTrafficPolicy = flags & Flags.internalLocal == 0 ? .cluster : .local
    service.externalTrafficPolicy = flags & Flags.externalLocal == 0 ? .cluster : .local
    service.hasUnreadableSourceRanges = flags & Flags.unreadableRanges != 0
    service.externalIPs = try addresses()
    service.loadBalancerIPs = try addresses()
    service.loadBalancerSourceRanges = try list(least: 6) { (input) throws(StateFileError) in try input.block() }
    service.ports = try list(least: 6) { (input) throws(StateFileError) in try input.port(of: name) }
    if flags & Flags.affinity != 0 {
      let timeout = try varint()
      guard (1...86400).contains(timeout) else {
        throw malformed("Service \(name) has an affinity timeout that is not within 1 to 86400 s")
      }
      service.affinityTimeout = timeout
    }
    if flags & Flags.healthCheck != 0 { service.healthCheckNodePort = try portNumber() }
    if flags & Flags.remarks != 0 { service.remarks = try strings() }
    try check(service)
    return service
  }

  private func type(_ flags: Int) throws(StateFileError) -> ServiceType {
    switch flags & StateFormat.ServiceFlags.typeMask {
    case 0: return .clusterIP
    case 1: return .nodePort
    case 2: return .loadBalancer
    default: throw malformed("the type of a Service is unknown")
    }
  }

  private mutating func port(of service: NamespacedName) throws(StateFileError) -> Service.Port {
    let text = try portName()
    guard let name = ServicePortName(service: service, port: text, transport: try transport()) else {
      throw malformed("\(text.quoted) is not a valid port name")
    }
    let number = try portNumber()
    let nodePort = try fixed(UInt16.self)
    return Service.Port(name: name, port: number, nodePort: nodePort == 0 ? nil : nodePort)
  }

  private mutating func slice(of service: NamespacedName) throws(StateFileError) -> EndpointSlice {
    typealias Flags = StateFormat.SliceFlags
    let flags = try byte()
    let family: IPFamily = flags & Flags.ipv6 == 0 ? .ipv4 : .ipv6
    let name = try objectName(
      namespace: try name(), prefix: flags & Flags.suffixOnly == 0 ? "" : service.name)
    guard name.namespace == service.namespace else {
      throw malformed("EndpointSlice \(name) is not in the namespace of Service \(service)")
    }
    let time = flags & Flags.time == 0 ? nil : try time()
    let ports = try list(least: 4) { (input) throws(StateFileError) in
      EndpointSlice.Port(
        name: try input.portName(), transport: try input.transport(), port: try input.portNumber())
    }
    let endpoints = try list(least: family == .ipv4 ? 5 : 17) { (input) throws(StateFileError) in
      try input.endpoint(of: family)
    }
    var slice = EndpointSlice(
      name: name, service: service, family: family, ports: ports, endpoints: endpoints, lastChangeTriggerTime: time)
    if flags & Flags.remarks != 0 { slice.remarks = try strings() }
    return slice
  }

  private mutating func endpoint(of family: IPFamily) throws(StateFileError) -> Endpoint {
    typealias Flags = StateFormat.EndpointFlags
    let flags = try byte()
    var endpoint = Endpoint(
      address: try bits(family), conditions: Endpoint.Conditions(rawValue: flags & Flags.conditions))
    if flags & Flags.node != 0 { endpoint.nodeName = try name() }
    if flags & Flags.zoneHints != 0 { endpoint.zoneHints = try names() }
    if flags & Flags.nodeHints != 0 { endpoint.nodeHints = try names() }
    try check(endpoint)
    return endpoint
  }

  private mutating func portName() throws(StateFileError) -> String {
    let text = try name()
    guard text.isEmpty || NameRule.isLabel(text) else { throw malformed("\(text.quoted) is not a valid port name") }
    return text
  }

  private mutating func portNumber() throws(StateFileError) -> UInt16 {
    let number = try fixed(UInt16.self)
    guard number > 0 else { throw malformed("a port is 0") }
    return number
  }

  private mutating func transport() throws(StateFileError) -> TransportProtocol {
    let number = try byte()
    guard let transport = TransportProtocol.allCases.first(where: { $0.number == number }) else {
      throw malformed("\(number) is not the protocol number of TCP, UDP or SCTP")
    }
    return transport
  }

  private mutating func time() throws(StateFileError) -> WallTime {
    WallTime(nanosecondsSince1970: try fixed(Int64.self))
  }

  private mutating func strings() throws(StateFileError) -> [String] {
    try list(least: 1) { (input) throws(StateFileError) in try input.string() }
  }

  private mutating func names() throws(StateFileError) -> [String] {
    try list(least: 1) { (input) throws(StateFileError) in try input.name() }
  }

  private mutating func addresses() throws(StateFileError) -> [IPAddress] {
    try list(least: 5) { (input) throws(StateFileError) in try input.bits(try input.family()) }
  }

  private mutating func block() throws(StateFileError) -> CIDR {
    let address = try bits(try family())
    let length = Int(try byte())
    guard let block = CIDR(address, prefixLength: length), block.address == address else {
      throw malformed("\(address)/\(length) is not a valid CIDR")
    }
    return block
  }

  private mutating func family() throws(StateFileError) -> IPFamily {
    switch try byte() {
    case 4: return .ipv4
    case 6: return .ipv6
    default: throw malformed("the family of an address is unknown")
    }
  }

  private mutating func bits(_ family: IPFamily) throws(StateFileError) -> IPAddress {
    switch family {
    case .ipv4: IPAddress(family: .ipv4, bits: UInt128(try fixed(UInt32.self)))
    case .ipv6: try unmapped(IPAddress(family: .ipv6, bits: try fixed(UInt128.self)))
    }
  }
}
