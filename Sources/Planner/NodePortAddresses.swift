import ServiceModel

/// The addresses of the node on which node ports answer, resolved against the host's interfaces.
package enum NodePortAddresses: Hashable, Sendable {
  /// On all local addresses.
  case all
  /// On these only. `loopback` tells whether the configured blocks include loopback addresses.
  case only([IPAddress], loopback: Bool)

  /// What `nodePortAddresses` means for one family.
  ///
  /// - Parameters:
  ///   - cidrs: the configured blocks. No block of this family means all addresses, and so does a block of length 0.
  ///   - interfaceAddresses: the host's addresses, of any family.
  package init(family: IPFamily, cidrs: [CIDR], interfaceAddresses: [IPAddress]) {
    let cidrs = cidrs.filter { $0.family == family }
    if cidrs.isEmpty || cidrs.contains(where: { $0.prefixLength == 0 }) {
      self = .all
      return
    }
    let matching = Set(interfaceAddresses.filter { address in cidrs.contains { $0.contains(address) } })
    let loopback = cidrs.contains { $0.address.isLoopback || $0.contains(NodePortAddresses.loopback(family)) }
    self = .only(matching.sorted(), loopback: loopback)
  }

  /// The addresses; nil for all.
  package var addresses: [IPAddress]? {
    if case .only(let addresses, _) = self { return addresses }
    return nil
  }

  var includesLoopback: Bool {
    switch self {
    case .all: true
    case .only(_, let loopback): loopback
    }
  }

  private static func loopback(_ family: IPFamily) -> IPAddress {
    IPAddress(family == .ipv4 ? "127.0.0.1" : "::1")!
  }
}
