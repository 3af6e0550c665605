import IPTables
import ServiceModel

/// The packets that a rule of a dispatch chain is for. It tells whether two rules exclude each other.
struct RuleReach: Hashable, Comparable {
  private(set) var transport: TransportProtocol?
  private(set) var port: UInt16?
  /// Set if the rule is for a single address.
  private(set) var destination: IPAddress?

  init(_ rule: Rule) {
    for match in rule.matches {
      switch match {
      case .transport(let transport), .protocolAlone(let transport): self.transport = transport
      case .destinationPort(let ports) where ports.count == 1: port = ports.lowerBound
      case .destination(let address, negated: false): if address.cidr.isHost { destination = address.cidr.address }
      default: break
      }
    }
  }

  /// The same reach for all addresses.
  var withoutDestination: RuleReach {
    var reach = self
    reach.destination = nil
    return reach
  }

  /// Whether the rule can match packets of other rules, so that its place among them matters.
  var isWide: Bool { transport == nil || port == nil }

  /// Rules for the same port keep their order unless all are for single addresses, because the sort is stable.
  static func < (left: RuleReach, right: RuleReach) -> Bool {
    if left.transport != right.transport {
      return left.transport.map(\.number) ?? 0 < right.transport.map(\.number) ?? 0
    }
    if left.port != right.port { return left.port ?? 0 < right.port ?? 0 }
    guard let one = left.destination, let other = right.destination else { return false }
    return one < other
  }
}
