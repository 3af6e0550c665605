import IPTables
import ServiceModel

/// A packet at one point of its path, with the probability of reaching this point.
struct WalkState {
  /// A chain that the packet is in, and the index of the next rule.
  struct Frame {
    let chain: ChainName
    let rules: [Rule]
    var next = 0
  }

  var packet: Packet
  var probability = 1.0
  var stage: WalkStage
  var frames: [Frame] = []
  var trace = WalkTrace()
  var isTranslated = false
  var source: SeenSource
  var joinedLists: Set<ChainName> = []
  var assumptions: [Doubt] = []
  /// The packet was sent by this host to itself. It comes back through `lo`, and the nat table does not see it again.
  var isLooped = false

  init(_ packet: Packet) {
    self.packet = packet
    stage = .first(from: packet.origin)
    source = .kept(packet.source)
  }

  /// The states that `-m conntrack --ctstate` sees, including SNAT and DNAT.
  var connectionState: ConnectionStates {
    var state = packet.state
    if isTranslated { state.insert(.dnat) }
    if case .kept = source { return state }
    return state.union(.snat)
  }

  /// A doubt at the place of the rule that was evaluated last.
  func doubt(_ reason: Doubt.Reason) -> Doubt {
    Doubt(
      table: stage.table, chain: frames.last?.chain ?? stage.chain, index: (frames.last?.next ?? 1) - 1, reason: reason)
  }

  mutating func record(_ event: WalkStep.Event) {
    var index = (frames.last?.next ?? 1) - 1
    if case .policy = event { index += 1 }
    trace.append(
      WalkStep(
        table: stage.table, hook: stage.chain, chain: frames.last?.chain ?? stage.chain, index: index, event: event))
  }

  func outcome(_ verdict: WalkVerdict, on host: WalkHost) -> WalkOutcome {
    WalkOutcome(
      probability: probability, verdict: verdict, destination: packet.destination, isTranslated: isTranslated,
      source: source, mark: packet.mark, isLocal: host.isLocal(packet.destination.address), joinedLists: joinedLists,
      assumptions: assumptions, trace: trace)
  }
}
