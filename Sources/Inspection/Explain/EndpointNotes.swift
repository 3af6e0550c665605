import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// Says why packets reach some endpoints of a Service and not the others, from the objects and from the rules that the
/// packet meets.
struct EndpointNotes {
  private let outcomes: [WalkOutcome]
  private let subject: ServiceAddress?
  private let sender: Sender.Role
  private let hints: ExplainedHints?
  private let scene: Scene
  /// The chains that choose among endpoints.
  private let choosing: Set<ChainName>

  init(
    _ outcomes: [WalkOutcome], subject: ServiceAddress?, sender: Sender.Role, hints: ExplainedHints?, scene: Scene
  ) {
    self.outcomes = outcomes
    self.subject = subject
    self.sender = sender
    self.hints = hints
    self.scene = scene
    choosing = Set(
      outcomes.flatMap { $0.trace.steps.map(\.chain) }.filter { $0.prefix == .cluster || $0.prefix == .local })
  }

  var texts: [String] {
    guard outcomes.contains(where: { $0.verdict == .delivered && $0.isTranslated }) else { return [] }
    // If the packet goes to another Service, the endpoints of this one explain nothing.
    guard isForSubject else { return [affinity, unmarked].compactMap { $0 } }
    return [affinity, unmarked, draining, unused].compactMap { $0 }
  }

  private var isForSubject: Bool {
    outcomes.compactMap { $0.taker(in: scene) }.allSatisfy { $0.service == subject?.label.service }
  }

  private var affinity: String? {
    for chain in choosing.sorted() {
      for rule in scene.rules[.nat, chain] ?? [] {
        for case .recentCheck(_, let seconds) in rule.matches {
          return "session affinity: a client goes back to the endpoint that it used in the last \(seconds) s; "
            + "this answer is for a client that used none"
        }
      }
    }
    return nil
  }

  /// Without clusterCIDR the proxy cannot tell pods from clients outside of the cluster, so it masquerades neither.
  private var unmarked: String? {
    guard subject?.kind == .clusterIP, sender == .outside, scene.options?.localTraffic == .unknown,
      outcomes.contains(where: { $0.source.kept != nil })
    else { return nil }
    return
      "clusterCIDR is not set: rules cannot distinguish clients outside from pods, and these clients keep their address"
  }

  private var reached: Set<IPAddress> { Set(outcomes.map(\.destination.address)) }

  private var draining: String? {
    guard let facts = subject.flatMap({ scene.facts(of: $0.label) }) else { return nil }
    let used = facts.endpoints.filter { reached.contains($0.address) }
    guard !used.isEmpty, used.allSatisfy({ $0.isTerminating && !$0.isReady }) else { return nil }
    let place = choosing.contains { $0.prefix == .local } ? " on this node" : ""
    return "no endpoint\(place) is ready: terminating endpoints that still serve are used"
  }

  private var unused: String? {
    guard let facts = subject.flatMap({ scene.facts(of: $0.label) }),
      !outcomes.contains(where: { if case .undecided = $0.verdict { true } else { false } })
    else { return nil }
    let isLocal = choosing.contains { $0.prefix == .local }
    let known = reached.union(hints?.leftOut.map(\.endpoint.address) ?? [])
    var groups: [(reason: String, addresses: [IPAddress])] = []
    for (address, entries) in Dictionary(grouping: facts.endpoints, by: \.address).sorted(by: { $0.key < $1.key })
    where !known.contains(address) {
      let reason = reason(entries, isLocal: isLocal, facts)
      if let place = groups.firstIndex(where: { $0.reason == reason }) {
        groups[place].addresses.append(address)
      } else {
        groups.append((reason, [address]))
      }
    }
    guard !groups.isEmpty else { return nil }
    let texts = groups.map { group in
      let some = group.addresses.prefix(3).map(\.description).joined(separator: ", ")
      let rest = group.addresses.count > 3 ? " and \(group.addresses.count - 3) more" : ""
      return "\(some)\(rest) (\(group.reason))"
    }
    return "endpoints not used: \(texts.joined(separator: "; "))"
  }

  private func reason(_ entries: [Endpoint], isLocal: Bool, _ facts: ServiceFacts) -> String {
    guard entries.contains(where: \.isReady) else {
      guard entries.contains(where: \.isTerminating) else { return "not ready" }
      return entries.contains(where: \.isServing) ? "terminating" : "terminating, not serving"
    }
    if isLocal, !entries.contains(where: { $0.nodeName == facts.nodeName }) { return "on other nodes, policy Local" }
    return "ready, but these rules do not lead there: run diff"
  }
}
