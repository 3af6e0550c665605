import IPTables
import Planner
import ServiceModel

/// Puts the ways of a packet together to one story.
struct ExplanationBuilder {
  private let scene: Scene
  private let packet: Packet
  private let subject: ServiceAddress?
  private let sender: Sender.Role
  private let outcomes: [WalkOutcome]

  init(scene: Scene, packet: Packet, subject: ServiceAddress?, sender: Sender.Role) {
    self.scene = scene
    self.packet = packet
    self.subject = subject
    self.sender = sender
    outcomes = PacketWalk(rules: scene.rules, host: scene.host, caution: .assumeNoMatch).outcomes(of: packet)
  }

  /// The steps of one way, in three parts.
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
      let failure = FailureReason(outcome, packet: packet, subject: subject, scene: scene)
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
      packet: packet, sender: sender.rawValue, subject: subject, family: scene.family,
      wayIn: ways.first.map { text.steps($0.choosing.prefix(common), before: $0.choosing.dropFirst(common).first) }
        ?? [], choices: choices,
      continuations: zip(continuations, members).map {
        ExplainedContinuation(steps: text.steps($0), choices: $1)
      }, hints: hints, notes: notes + about.texts + healthPortClashes)
  }

  /// Splits the steps that say something behind the translation; passed-over endpoints say nothing.
  private func way(_ outcome: WalkOutcome) -> Way {
    let steps = outcome.trace.filter { step in
      if case .notChosen = step.event { return false }
      // The mark is part of the rule that jumped here.
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

  private func node(of outcome: WalkOutcome) -> String? {
    guard outcome.isTranslated, let subject else { return nil }
    return scene.facts(of: subject.label)?.node(of: outcome.destination.address)
  }

  private var healthPortClashes: [String] {
    guard let subject, let services = scene.snapshot?.services else { return [] }
    return HealthPortIndex(services.values).clashes(with: subject.label.service).map(\.description)
  }

  private var notes: [String] {
    var notes: [String] = []
    var known: Set<Doubt> = []
    for doubt in outcomes.lazy.flatMap(\.assumptions) where known.insert(doubt).inserted {
      let place = "\(doubt.table) \(doubt.chain) rule \(doubt.index + 1)"
      let note: String =
        switch doubt.reason {
        case .inInterface: "\(place) asks for the incoming interface, which is not known; taken as not matching"
        case .match(let words), .target(let words):
          "\(place) cannot be evaluated (\(words.joined(separator: " "))); taken as not matching"
        default: "\(place) cannot be followed"
        }
      if !notes.contains(note) { notes.append(note) }
    }
    return notes
  }
}
