import IPTables
import RuleAnalysis
import ServiceModel

/// Why a packet is refused, dropped or not sent to a Service, and what the reader can do about it.
struct FailureReason {
  let reason: String
  let advice: String?
  /// Whether the packet is for a Service, and the rules do not send it there.
  let isMiss: Bool

  init(_ reason: String, advice: String? = nil, isMiss: Bool = false) {
    self.reason = reason
    self.advice = advice
    self.isMiss = isMiss
  }

  init?(_ outcome: WalkOutcome, packet: Packet, subject: ServiceAddress?, scene: Scene) {
    switch outcome.verdict {
    case .delivered:
      guard !outcome.isTranslated else { return nil }
      self = FailureReason.untranslated(packet, subject, scene)
    case .undecided(let doubt): self = FailureReason.undecided(doubt)
    case .rejected, .dropped:
      guard let last = outcome.trace.steps.last else { return nil }
      self = FailureReason.refusal(last, packet, subject, scene)
    }
  }

  private static func refusal(
    _ step: WalkStep, _ packet: Packet, _ subject: ServiceAddress?, _ scene: Scene
  ) -> FailureReason {
    guard let rule = step.rule else {
      return FailureReason(
        "the policy of \(step.chain) is to drop, and no rule let the packet through",
        advice: "let it through in the firewall that set this policy")
    }
    let comment = rule.comment ?? ""
    let label = ServiceLabel(commentOf: rule)
    if let label, comment.hasSuffix("has no endpoints") {
      // If two Services without endpoints have the same address, the rule of the first one refuses.
      if let own = subject?.label, let facts = scene.facts(of: own), !facts.canServe { return noEndpoints(own, scene) }
      return noEndpoints(label, scene)
    }
    if let label, comment.hasSuffix("has no local endpoints") {
      return noLocalEndpoints(
        label, isInternal: step.chain == .services || rule.isForClusterIP(of: label, scene), scene)
    }
    if let label, comment.contains("traffic not accepted by") { return sourceRanges(label, packet, scene) }
    if step.chain == .kubeFirewall, comment.contains("localnet") {
      return FailureReason(
        "packets from elsewhere to loopback addresses are dropped (CVE-2020-8558)",
        advice: "use an address of the node instead")
    }
    if step.chain == .kubeForward {
      return FailureReason("conntrack knows no connection for the packet (state INVALID)")
    }
    if comment.hasPrefix("no Service has this cluster IP") {
      let miss = nearMiss(packet, scene) ?? FailureReason("no Service has this cluster IP and port")
      return FailureReason(miss.reason, advice: miss.advice ?? "use an address and port of a Service")
    }
    return FailureReason(
      "a rule of another program in \(step.chain) decides: \(rule)",
      advice: "find the program that added this rule")
  }

  private static func noEndpoints(_ label: ServiceLabel, _ scene: Scene) -> FailureReason {
    let facts = scene.facts(of: label)
    let why = facts?.whyNone ?? "the rules alone do not show why: give --manifests or --kubeconfig too"
    return FailureReason(
      "Service \(label) has no endpoint to send to (\(why))",
      advice: facts?.advice ?? "an endpoint that is ready, or terminating and still serving, is needed")
  }

  private static func noLocalEndpoints(_ label: ServiceLabel, isInternal: Bool, _ scene: Scene) -> FailureReason {
    let policy = isInternal ? "internalTrafficPolicy" : "externalTrafficPolicy"
    let facts = scene.facts(of: label)
    let node = facts?.nodeName.map { " (\($0))" } ?? ""
    let others = facts?.nodesThatServe ?? []
    let there =
      others.isEmpty
      ? "" : "; there are some on \(others.prefix(5).joined(separator: ", "))\(others.count > 5 ? ", …" : "")"
    return FailureReason(
      "\(policy) Local and no endpoint on this node\(node)\(there)",
      advice: isInternal
        ? "run an endpoint on this node, or set internalTrafficPolicy Cluster"
        : "use a node that has an endpoint, or set externalTrafficPolicy Cluster")
  }

  private static func sourceRanges(_ label: ServiceLabel, _ packet: Packet, _ scene: Scene) -> FailureReason {
    var ranges: [String] = []
    for (chain, owner) in scene.index.owners where owner == label && chain.name.prefix == .firewall {
      for rule in scene.rules[chain.table, chain.name] ?? [] {
        for case .source(let address, negated: false) in rule.matches { ranges.append(address.text) }
      }
    }
    let list = ranges.isEmpty ? "" : " (\(ranges.joined(separator: ", ")))"
    return FailureReason(
      "source \(packet.source) is not in loadBalancerSourceRanges of \(label)\(list)",
      advice: "add the client's block to spec.loadBalancerSourceRanges")
  }

  private static func undecided(_ doubt: Doubt) -> FailureReason {
    let place = "\(doubt.table) \(doubt.chain) rule \(doubt.index + 1)"
    return switch doubt.reason {
    case .missingChain(let chain): FailureReason("\(place) jumps to \(chain), which does not exist", advice: "run diff")
    case .tooDeep: FailureReason("\(place): chains call each other in a loop")
    case .tooManyWays: FailureReason("there are too many paths to follow")
    case .tooLong: FailureReason("\(place): chains form a loop, or lead to each other too often to be followed")
    case .match(let words), .target(let words):
      FailureReason("\(place) uses matches that this program does not know: \(words.joined(separator: " "))")
    case .inInterface: FailureReason("\(place) matches the incoming interface, which is not known")
    }
  }
}

extension FailureReason {
  private static func untranslated(_ packet: Packet, _ subject: ServiceAddress?, _ scene: Scene) -> FailureReason {
    if subject?.kind == .healthCheckNodePort {
      return FailureReason("the health-check server of the service proxy answers on this port")
    }
    if let miss = nearMiss(packet, scene) {
      let isLocal = scene.host.isLocal(packet.destination.address)
      return FailureReason(
        miss.reason + (isLocal ? "; a process of this host may answer" : "; the packet leaves unchanged"),
        advice: miss.advice, isMiss: miss.isMiss)
    }
    if scene.host.isLocal(packet.destination.address) {
      return FailureReason("no Service has this node port; a process of this host may answer")
    }
    return FailureReason("no Service has this address; the packet goes there unchanged")
  }
}

extension Rule {
  fileprivate func isForClusterIP(of label: ServiceLabel, _ scene: Scene) -> Bool {
    for case .destination(let address, negated: false) in matches {
      return scene.snapshot?.services[label.service]?.clusterIPs.contains(address.cidr.address) ?? false
    }
    return false
  }
}
