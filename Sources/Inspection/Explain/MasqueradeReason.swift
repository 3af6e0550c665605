import IPTables
import RuleAnalysis
import ServiceModel

/// Why a rule marks a packet for masquerading.
struct MasqueradeReason {
  let text: String

  init(_ rule: Rule, in chain: ChainKey, scene: Scene) {
    if chain.name.prefix == .endpoint || rule.findsHairpins {
      text = "the endpoint is the client itself (hairpin)"
      return
    }
    for match in rule.matches {
      switch match {
      case .source(let address, negated: true):
        text = "the source is outside of the pods' \(address.canonical.text)"
        return
      case .inInterface(let pattern, negated: true):
        text = "the packet did not come in from a pod's interface \(pattern)"
        return
      case .sourceType(.local):
        text = "the client is this host"
        return
      default: continue
      }
    }
    if case .hashed(.external, _) = chain.name {
      text = "traffic to external destinations with externalTrafficPolicy Cluster"
    } else {
      text = "all traffic to cluster IPs is masqueraded (masqueradeAll)"
    }
  }

  /// The reason why an outcome is masqueraded: our rule that marked the packet, or a foreign rule that masquerades it.
  init?(_ outcome: WalkOutcome, scene: Scene) {
    guard outcome.source.kept == nil else { return nil }
    var last: String?
    for step in outcome.trace {
      guard case .matched(let rule) = step.event else { continue }
      let chain = ChainKey(step.table, step.chain)
      if rule.target == .jump(.markMasquerade) || rule.findsHairpins {
        last = MasqueradeReason(rule, in: chain, scene: scene).text
      } else if case .masquerade = rule.target, step.chain != .kubePostrouting {
        last = "a rule in \(step.chain), not of the service proxy"
      } else if case .other(let words) = rule.target, words.first == "SNAT" {
        last = "a rule in \(step.chain), not of the service proxy"
      }
    }
    guard let last else { return nil }
    text = last
  }
}

extension Rule {
  /// Whether this is the rule that masquerades the hairpins of all endpoints that have no chains of their own.
  var findsHairpins: Bool { matches.contains { if case .sameAddresses = $0 { true } else { false } } }
}

extension SeenSource {
  /// The packet's own address, if it is kept.
  var kept: IPAddress? {
    if case .kept(let address) = self { return address }
    return nil
  }
}

extension AddressMatch {
  var text: String {
    switch self {
    case .host(let host): host.description
    case .network(let cidr): cidr.description
    }
  }
}
