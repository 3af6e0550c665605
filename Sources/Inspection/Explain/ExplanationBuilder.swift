import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// Builds an `Explanation` from the outcomes of a packet walk.
struct ExplanationBuilder {
  private let scene: Scene
  private let packet: Packet
  private let subject: ServiceAddress?
  private let sender: Sender.Role
  private let outcomes: [WalkOutcome]
  private let clash: ExplainedClash?

  /// - Parameter subject: the Service address that is asked about; nil takes the one that the packet goes to.
  init(scene: Scene, packet: Packet, subject: ServiceAddress?, sender: Sender.Role) {
    self.scene = scene
    self.packet = packet
    self.sender = sender
    outcomes = PacketWalk(rules: scene.rules, host: scene.host, caution: .assumeNoMatch).outcomes(of: packet)
    clash = ExplainedClash(packet, outcomes, scene: scene)
    self.subject = subject ?? clash?.taken ?? scene.subject(packet.destination, packet.transport)
  }

  /// The steps of one way, split at the address translation.
  private struct Way {
    var choosing: [WalkStep]
    var after: [WalkStep]
  }

  var explanation: Explanation {
    let text = StepText(scene: scene)
    let ways = outcomes.map { way($0) }
    let common = commonPrefix(ways.map(\.choosing))
    var continuations: [[WalkStep]] = []
    var members: [[Int]] = []
    var choices: [ExplainedChoice] = []
    for (index, (outcome, way)) in zip(outcomes, ways).enumerated() {
      let place = continuations.firstIndex { $0 == way.after } ?? continuations.count
      if place == continuations.count {
        continuations.append(way.after)
        members.append([])
      }
      members[place].append(index)
      let failure = failure(outcome)
      choices.append(
        ExplainedChoice(
          probability: outcome.probability, steps: text.steps(way.choosing.dropFirst(common)),
          destination: outcome.destination, isTranslated: outcome.isTranslated, isMissed: failure?.isMiss ?? false,
          verdict: outcome.verdict, source: outcome.source,
          masqueradeReason: MasqueradeReason(outcome, scene: scene)?.text,
          reason: failure?.reason, advice: failure?.advice, node: node(of: outcome), continuation: place))
    }
    let hints = ExplainedHints(outcomes, subject: subject, scene: scene)
    let about = EndpointNotes(outcomes, subject: subject, sender: sender, hints: hints, scene: scene)
    return Explanation(
      packet: packet, sender: sender.rawValue, subject: subject,
      owners: AddressOwners(packet, in: scene), family: scene.family,
      wayIn: ways.first.map { text.steps($0.choosing.prefix(common), before: $0.choosing.dropFirst(common).first) }
        ?? [], choices: choices,
      continuations: zip(continuations, members).map {
        ExplainedContinuation(steps: text.steps($0), choices: $1)
      }, hints: hints,
      notes: notes + about.texts + ObjectRemarks(subject: subject, scene: scene).texts + healthPortClashes)
  }

  /// Splits the steps after the address translation. Steps about endpoints that were not chosen are left out.
  private func way(_ outcome: WalkOutcome) -> Way {
    let steps = outcome.trace.filter { step in
      if case .notChosen = step.event { return false }
      // The step before, the jump to this chain, already says that the packet is marked.
      return step.chain != .markMasquerade
    }
    let translation = steps.firstIndex { step in
      if case .destinationNAT = step.rule?.target { return true }
      return step.table != .nat || step.hook == .postrouting
    }
    guard let translation else { return Way(choosing: steps, after: []) }
    let isTranslation = steps[translation].table == .nat && steps[translation].hook != .postrouting
    let end = isTranslation ? translation + 1 : translation
    return Way(choosing: Array(steps[..<end]), after: Array(steps[end...]))
  }

  private func commonPrefix(_ ways: [[WalkStep]]) -> Int {
    guard let first = ways.first else { return 0 }
    var length = first.count
    for way in ways.dropFirst() {
      let shared = zip(first.prefix(length), way).prefix { $0 == $1 }
      length = min(length, shared.count)
    }
    return length
  }

  private func failure(_ outcome: WalkOutcome) -> FailureReason? {
    if let clash, let subject, outcome.verdict == .delivered, let taker = outcome.taker(in: scene),
      taker.service != subject.label.service
    {
      return FailureReason(clash.reason(taker), advice: ExplainedClash.advice, isMiss: true)
    }
    return FailureReason(outcome, packet: packet, subject: subject, scene: scene)
  }

  private func node(of outcome: WalkOutcome) -> String? {
    guard outcome.isTranslated, let label = outcome.taker(in: scene) ?? subject?.label else { return nil }
    return scene.facts(of: label)?.node(of: outcome.destination.address)
  }

  private var healthPortClashes: [String] {
    guard let subject, let services = scene.snapshot?.services else { return [] }
    return HealthPortIndex(services.values).clashes(with: subject.label.service).map(\.description)
  }

  private var notes: [String] {
    var notes = clash.map { [$0.note] } ?? []
    var known: Set<Doubt> = []
    for doubt in outcomes.lazy.flatMap(\.assumptions) where known.insert(doubt).inserted {
      let place = "\(doubt.table) \(doubt.chain) rule \(doubt.index + 1)"
      let note: String =
        switch doubt.reason {
        case .inInterface: "\(place) matches the incoming interface, which is not known; taken as not matching"
        case .match(let words), .target(let words):
          "\(place) cannot be evaluated (\(words.joined(separator: " "))); taken as not matching"
        default: "\(place) cannot be followed"
        }
      if !notes.contains(note) { notes.append(note) }
    }
    return notes
  }
}
