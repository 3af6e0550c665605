import ServiceModel

/// Which packets a rule of a dispatch chain is for: what makes two such rules exclude each other.
struct RuleReach: Hashable, Comparable {
  private(set) var transport: TransportProtocol?
  private(set) var port: UInt16?
  /// A single address.
  private(set) var destination: IPAddress?

  init(_ rule: Rule) {
    for match in rule.matches {
      switch match {
      case .transport(let transport): self.transport = transport
      case .destinationPort(let ports) where ports.count == 1: port = ports.lowerBound
      case .destination(let address, negated: false): if address.cidr.isHost { destination = address.cidr.address }
      default: break
      }
    }
  }

  /// The same for all addresses.
  var withoutDestination: RuleReach {
    var reach = self
    reach.destination = nil
    return reach
  }

  /// Whether it can match what other rules are for, so that its place among them matters.
  var isWide: Bool { transport == nil || port == nil }

  /// Rules for the same port that are not all for single addresses stay in order, as sorting is stable.
  static func < (left: RuleReach, right: RuleReach) -> Bool {
    if left.transport != right.transport {
      return left.transport.map(\.number) ?? 0 < right.transport.map(\.number) ?? 0
    }
    if left.port != right.port { return left.port ?? 0 < right.port ?? 0 }
    guard let one = left.destination, let other = right.destination else { return false }
    return one < other
  }
}
