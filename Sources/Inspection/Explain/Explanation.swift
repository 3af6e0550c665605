import IPTables
import ServiceModel

/// What happens to one packet, and why.
public struct Explanation: Sendable {
  public let packet: Packet
  /// `a pod`, `a client outside`, …
  public let sender: String
  /// The Service address that the packet is for; nil if it is none.
  public let subject: ServiceAddress?
  public let family: IPFamily
  /// What all ways have in common, up to where chance first decides.
  public let wayIn: [ExplainedStep]
  /// The ways that chance chooses among; a single one where it does not.
  public let choices: [ExplainedChoice]
  /// What comes after an endpoint was chosen, once for all choices that share it.
  public let continuations: [ExplainedContinuation]
  /// What topology hints do to the Service's endpoints here; nil where they have no say.
  public let hints: ExplainedHints?
  /// What the reader ought to know besides: rules of others, assumptions.
  public let notes: [String]

  /// What became of the packet, taken together.
  public enum Summary: String, Sendable {
    /// Every way ends at a destination.
    case delivered
    /// Some ways end in a refusal or in silence, or do not lead to the Service that the packet is for.
    case failing
    /// A rule decides that this program does not understand.
    case undecided
  }

  public var summary: Summary {
    if choices.contains(where: { if case .undecided = $0.verdict { true } else { false } }) { return .undecided }
    return choices.allSatisfy { $0.verdict == .delivered && !$0.isMissed } ? .delivered : .failing
  }
}

/// A rule on the way, told in words.
public struct ExplainedStep: Hashable, Sendable {
  public let table: Table
  public let hook: ChainName
  public let chain: ChainName
  /// The rule's number in its chain, from 1 as `iptables -L --line-numbers` counts.
  public let number: Int
  public let text: String
  /// The rule as iptables writes it; nil for a policy.
  public let rule: String?
  public let service: ServiceLabel?
  /// The endpoint that the rule leads to or translates to.
  public let endpoint: SocketAddress?
  /// Whether it is a jump to a chain in which nothing matched.
  public let isIdle: Bool
}

/// One way that chance may choose.
public struct ExplainedChoice: Sendable {
  public let probability: Double
  public let steps: [ExplainedStep]
  public let destination: SocketAddress
  public let isTranslated: Bool
  /// Whether the packet is for a Service and does not get there: it goes on untranslated, or to another Service.
  public let isMissed: Bool
  public let verdict: WalkVerdict
  public let source: SeenSource
  /// Why the source is not kept.
  public let masqueradeReason: String?
  /// Why the packet is refused, dropped or not translated.
  public let reason: String?
  /// What would have to change.
  public let advice: String?
  /// The node that the endpoint runs on, where it is known.
  public let node: String?
  /// The continuation that follows.
  public let continuation: Int
}

/// The part of the way that begins behind address translation.
public struct ExplainedContinuation: Sendable {
  public let steps: [ExplainedStep]
  /// The choices that go on so.
  public let choices: [Int]
}
