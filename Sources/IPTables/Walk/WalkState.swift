import ServiceModel

/// A packet somewhere on its way, with the probability of having come there.
struct WalkState {
  /// A chain being walked, and the rule that comes next.
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
  /// Made on this host for this host: comes back in through `lo`, where nat is done already.
  var isLooped = false

  init(_ packet: Packet) {
    self.packet = packet
    stage = .first(from: packet.origin)
    source = .kept(packet.source)
  }

  /// Pseudo-states included, as `-m conntrack --ctstate` sees it.
  var connectionState: ConnectionStates {
    var state = packet.state
    if isTranslated { state.insert(.dnat) }
    if case .kept = source { return state }
    return state.union(.snat)
  }

  /// A rule's place: that of the rule that was looked at last.
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
