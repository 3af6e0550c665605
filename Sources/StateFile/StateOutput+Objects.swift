import ServiceModel
import Time

extension StateOutput {
  mutating func state(_ state: SavedState) throws(StateFileError) {
    try bytes(StateFormat.magic)
    try fixed(UInt16(StateFormat.version))
    try header(state.header)
    let snapshot = state.snapshot
    try list(snapshot.nodes.values.sorted { $0.name < $1.name }) { (output, node) throws(StateFileError) in
      try output.node(node)
    }
    try list(snapshot.serviceCIDRs.sorted()) { (output, block) throws(StateFileError) in try output.block(block) }
    let names = Set(snapshot.services.keys).union(snapshot.slices.keys).sorted()
    try list(names) { (output, name) throws(StateFileError) in
      try output.name(name.namespace)
      try output.string(name.name)
      let service = snapshot.services[name]
      try output.byte(service == nil ? 0 : 1)
      if let service { try output.service(service) }
      let slices = (snapshot.slices[name] ?? [:]).values.sorted { $0.name < $1.name }
      try output.list(slices) { (output, slice) throws(StateFileError) in try output.slice(slice) }
    }
  }

  private mutating func header(_ header: StateHeader) throws(StateFileError) {
    try bytes(header.cluster.bytes)
    try string(header.nodeName)
    try time(header.asOf)
    try list(header.resourceVersions.sorted { $0.key < $1.key }) { (output, version) throws(StateFileError) in
      try output.string(version.key)
      try output.string(version.value)
    }
  }

  private mutating func node(_ node: Node) throws(StateFileError) {
    try name(node.name)
    try list(node.zone.map { [$0] } ?? []) { (output, zone) throws(StateFileError) in try output.name(zone) }
    try addresses(node.addresses)
    try list(node.podCIDRs) { (output, block) throws(StateFileError) in try output.block(block) }
    try byte(node.isBeingDeleted ? 1 : 0)
    try string(node.uid)
  }

  private mutating func service(_ service: Service) throws(StateFileError) {
    try varint(StateOutput.flags(service))
    try addresses(service.clusterIPs)
    try addresses(service.externalIPs)
    try addresses(service.loadBalancerIPs)
    try list(service.loadBalancerSourceRanges) { (output, block) throws(StateFileError) in try output.block(block) }
    try list(service.ports) { (output, port) throws(StateFileError) in
      try output.name(port.name.port)
      try output.byte(port.name.transport.number)
      try output.fixed(port.port)
      try output.fixed(port.nodePort ?? 0)
    }
    if let timeout = service.affinityTimeout { try varint(timeout) }
    if let port = service.healthCheckNodePort { try fixed(port) }
    if !service.remarks.isEmpty { try strings(service.remarks) }
  }

  private static func flags(_ service: Service) -> Int {
    typealias Flags = StateFormat.ServiceFlags
    var flags =
      switch service.type {
      case .clusterIP: 0
      case .nodePort: 1
      case .loadBalancer: 2
      }
    if service.internalTrafficPolicy == .local { flags |= Flags.internalLocal }
    if service.externalTrafficPolicy == .local { flags |= Flags.externalLocal }
    if service.hasUnreadableSourceRanges { flags |= Flags.unreadableRanges }
    if service.affinityTimeout != nil { flags |= Flags.affinity }
    if service.healthCheckNodePort != nil { flags |= Flags.healthCheck }
    if !service.remarks.isEmpty { flags |= Flags.remarks }
    return flags
  }

  private mutating func slice(_ slice: EndpointSlice) throws(StateFileError) {
    typealias Flags = StateFormat.SliceFlags
    let isSuffix = slice.name.name.hasPrefix(slice.service.name)
    var flags: UInt8 = isSuffix ? Flags.suffixOnly : 0
    if slice.family == .ipv6 { flags |= Flags.ipv6 }
    if slice.lastChangeTriggerTime != nil { flags |= Flags.time }
    if !slice.remarks.isEmpty { flags |= Flags.remarks }
    try byte(flags)
    try name(slice.name.namespace)
    if isSuffix {
      try string(slice.name.name.dropFirst(slice.service.name.count))
    } else {
      try string(slice.name.name)
    }
    if let time = slice.lastChangeTriggerTime { try self.time(time) }
    try list(slice.ports) { (output, port) throws(StateFileError) in
      try output.name(port.name)
      try output.byte(port.transport.number)
      try output.fixed(port.port)
    }
    try list(slice.endpoints) { (output, endpoint) throws(StateFileError) in
      try output.endpoint(endpoint, of: slice.family)
    }
    if !slice.remarks.isEmpty { try strings(slice.remarks) }
  }

  private mutating func endpoint(_ endpoint: Endpoint, of family: IPFamily) throws(StateFileError) {
    typealias Flags = StateFormat.EndpointFlags
    var flags = endpoint.conditions.rawValue & Flags.conditions
    if endpoint.nodeName != nil { flags |= Flags.node }
    if !endpoint.zoneHints.isEmpty { flags |= Flags.zoneHints }
    if !endpoint.nodeHints.isEmpty { flags |= Flags.nodeHints }
    try byte(flags)
    try bits(IPAddress(family: family, bits: endpoint.address.bits))
    if let node = endpoint.nodeName { try name(node) }
    if !endpoint.zoneHints.isEmpty { try names(endpoint.zoneHints) }
    if !endpoint.nodeHints.isEmpty { try names(endpoint.nodeHints) }
  }

  private mutating func time(_ time: WallTime) throws(StateFileError) { try fixed(time.nanosecondsSince1970) }

  private mutating func strings(_ texts: [String]) throws(StateFileError) {
    try list(texts) { (output, text) throws(StateFileError) in try output.string(text) }
  }

  private mutating func names(_ texts: [String]) throws(StateFileError) {
    try list(texts) { (output, text) throws(StateFileError) in try output.name(text) }
  }

  private mutating func addresses(_ addresses: [IPAddress]) throws(StateFileError) {
    try list(addresses) { (output, address) throws(StateFileError) in
      try output.byte(address.family == .ipv4 ? 4 : 6)
      try output.bits(address)
    }
  }

  private mutating func block(_ block: CIDR) throws(StateFileError) {
    try byte(block.family == .ipv4 ? 4 : 6)
    try bits(block.address)
    try byte(UInt8(block.prefixLength))
  }

  private mutating func bits(_ address: IPAddress) throws(StateFileError) {
    switch address.family {
    case .ipv4: try fixed(UInt32(truncatingIfNeeded: address.bits))
    case .ipv6: try fixed(address.bits)
    }
  }
}
