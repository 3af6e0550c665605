import IPTables
import ServiceModel

/// The rules that do not depend on Services.
struct BaseRules {
  let options: PlannerOptions
  /// Whether endpoints have no KUBE-SEP chains. Then a rule in KUBE-POSTROUTING masquerades hairpin packets.
  var isCompact = false

  /// Chains with fixed rules, in the order in which they are written.
  var chains: [Chain] {
    var chains = [forward, postrouting, markMasquerade]
    if options.acceptsLocalhostNodePorts { chains.append(localnetFirewall) }
    chains += Table.allCases.map { Chain($0, .canary) }
    return chains
  }

  /// The kubelet uses KUBE-FIREWALL too. If the proxy has no rule for it, the proxy only creates the chain if it is
  /// missing.
  var sharedChains: [ChainKey] { options.acceptsLocalhostNodePorts ? [] : [ChainKey(.filter, .kubeFirewall)] }

  private var forward: Chain {
    var chain = Chain(.filter, .kubeForward)
    if !options.features.conntrackTCPLiberal {
      // conntrack does not translate a packet that it finds invalid. If such a packet is a reply, the client would get
      // it from the endpoint's address and reset the connection (kubernetes/kubernetes#74839).
      let counter: [Match] = options.features.accounting ? [.accounting(name: BaseRules.invalidCounter)] : []
      chain.rules.append(Rule([.connectionState(.invalid)] + counter, .drop))
    }
    // With this rule, node ports work even if the default policy of FORWARD is DROP.
    let mark = Match.mark(options.masqueradeMark, mask: options.masqueradeMark)
    chain.rules.append(Rule([comment("kubernetes forwarding rules"), mark], .accept))
    chain.rules.append(
      Rule(
        [comment("kubernetes forwarding conntrack rule"), .connectionState([.related, .established])], .accept))
    return chain
  }

  private var postrouting: Chain {
    let mark = options.masqueradeMark
    return Chain(
      .nat, .kubePostrouting,
      rules: (isCompact ? [hairpin] : []) + [
        Rule([.mark(mark, mask: mark, negated: true)], .return),
        // An overlay network may encapsulate the packet, and the packet then passes this chain again. Without the mark
        // it is not masqueraded twice.
        Rule([], .flipMark(mark)),
        Rule(
          [comment("kubernetes service traffic requiring SNAT")],
          .masquerade(randomFully: options.features.randomFully)),
      ])
  }

  /// Masquerades hairpin packets. If a pod reaches itself through a Service, its packet has the same source and
  /// destination address after translation, and the pod would answer itself directly. No endpoint has a loopback
  /// address, so connections over loopback do not belong to a Service.
  var hairpin: Rule {
    let loopback = CIDR(options.family == .ipv4 ? "127.0.0.0/8" : "::1/128")!
    return Rule(
      [.source(.network(loopback), negated: true), .connectionState(.dnat), .sameAddresses(options.family)],
      .masquerade(randomFully: options.features.randomFully))
  }

  private var markMasquerade: Chain {
    Chain(.nat, .markMasquerade, rules: [Rule([], .setMark(options.masqueradeMark))])
  }

  /// With route_localnet set, neighbouring hosts could reach services on the node's loopback addresses (CVE-2020-8558).
  private var localnetFirewall: Chain {
    let loopback = AddressMatch.network(CIDR("127.0.0.0/8")!)
    return Chain(
      .filter, .kubeFirewall,
      rules: [
        Rule(
          [
            comment("block incoming localnet connections"), .destination(loopback),
            .source(loopback, negated: true),
            .connectionState([.related, .established, .dnat], negated: true),
          ], .drop)
      ])
  }

  /// The accounting object that counts packets dropped as INVALID.
  static let invalidCounter = "ct_state_invalid_dropped_pkts"

  private func comment(_ text: String) -> Match { .comment(Comment(checked: text)) }
}

extension PlannerOptions {
  /// The accounting objects that rules name if the kernel has accounting. They must exist before iptables-restore loads
  /// the rules.
  package static let accountingNames = [BaseRules.invalidCounter, DispatchEntry.localhostCounter]
}
