import IPTables
import ServiceModel

/// Whether a packet meets a condition.
enum MatchTruth: Equatable {
  case no
  /// The packet meets it with this probability; 1 is certain.
  case yes(Double)
  case unknown(Doubt.Reason)

  static let certain = MatchTruth.yes(1)

  init(_ isTrue: Bool) { self = isTrue ? .certain : .no }

  /// nil means unknown.
  init(_ isTrue: Bool?, unless reason: Doubt.Reason) { self = isTrue.map(MatchTruth.init) ?? .unknown(reason) }

  /// All conditions together. If one is certainly false, the result is false, even if others are not known.
  static func all(_ truths: some Sequence<MatchTruth>) -> MatchTruth {
    var probability = 1.0
    var doubt: Doubt.Reason?
    for truth in truths {
      switch truth {
      case .no: return .no
      case .yes(let chance): probability *= chance
      case .unknown(let reason): doubt = doubt ?? reason
      }
    }
    return doubt.map(MatchTruth.unknown) ?? .yes(probability)
  }
}

/// Evaluates conditions for one packet at one point of its path.
struct MatchEvaluator {
  let state: WalkState
  let host: WalkHost

  func truth(of rule: Rule) -> MatchTruth { .all(rule.matches.lazy.map(truth)) }

  private var packet: Packet { state.packet }

  func truth(of match: Match) -> MatchTruth {
    switch match {
    case .comment, .accounting, .recentSet: .certain
    case .transport(let transport), .protocolAlone(let transport): MatchTruth(transport == packet.transport)
    case .source(let address, let negated): MatchTruth(address.contains(packet.source) != negated)
    case .destination(let address, let negated):
      MatchTruth(address.contains(packet.destination.address) != negated)
    case .destinationPort(let ports): MatchTruth(ports.contains(packet.destination.port))
    case .inInterface(let pattern, let negated):
      MatchTruth(inInterface.map { pattern.matches($0) != negated }, unless: .inInterface)
    case .sourceType(.local): MatchTruth(host.isLocal(packet.source))
    case .destinationType(.local): MatchTruth(host.isLocal(packet.destination.address))
    case .connectionState(let states, let negated):
      MatchTruth(states.isDisjoint(with: state.connectionState) == negated)
    case .mark(let value, let mask, let negated): MatchTruth((packet.mark & mask == value) != negated)
    case .statistic(let probability):
      probability.value == 0 ? .no : .yes(probability.value)
    case .recentCheck(let name, _):
      MatchTruth(state.joinedLists.contains(name) || host.recent[name]?.contains(packet.source) == true)
    case .sameAddresses(let family):
      MatchTruth(packet.source.family == family && packet.source == packet.destination.address)
    case .other(let words): ForeignMatch(words).truth(for: self)
    }
  }

  /// nil if not known; empty for a packet that a process on this host sent.
  var inInterface: String? {
    switch packet.origin {
    case .host: ""
    case .interface(let name): name
    }
  }
}
