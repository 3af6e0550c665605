import IPTables
import ServiceModel

/// The rules that do not depend on Services.
struct BaseRules {
  let options: PlannerOptions
  /// Whether endpoints have no chains that would mark hairpins.
  var isCompact = false

  /// Chains with fixed rules, in the order in which they are written.
  var chains: [Chain] {
    var chains = [forward, postrouting, markMasquerade]
    if options.acceptsLocalhostNodePorts { chains.append(localnetFirewall) }
    chains += Table.allCases.map { Chain($0, .canary) }
    return chains
  }

  /// KUBE-FIREWALL is kubelet's as well: without a rule of our own in it, it is only made sure of.
  var sharedChains: [ChainKey] { options.acceptsLocalhostNodePorts ? [] : [ChainKey(.filter, .kubeFirewall)] }

  private var forward: Chain {
    var chain = Chain(.filter, .kubeForward)
    if !options.features.conntrackTCPLiberal {
      // A packet that conntrack cannot place would reach the client with the endpoint's address and reset its
      // connection (kubernetes/kubernetes#74839).
      let counter: [Match] = options.features.accounting ? [.accounting(name: BaseRules.invalidCounter)] : []
      chain.rules.append(Rule([.connectionState(.invalid)] + counter, .drop))
    }
    // Node ports work even where the default policy of FORWARD is to drop.
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
        // The packet may pass here again, encapsulated: it must not be masqueraded twice.
        Rule([], .flipMark(mark)),
        Rule(
          [comment("kubernetes service traffic requiring SNAT")],
          .masquerade(randomFully: options.features.randomFully)),
      ])
  }

  /// A pod that reaches itself through a Service would answer itself directly: its packet has the same source and
  /// destination once it is translated. Connections over loopback are not a Service's, as no endpoint is there.
  private var hairpin: Rule {
    let loopback = CIDR(options.family == .ipv4 ? "127.0.0.0/8" : "::1/128")!
    return Rule(
      [.source(.network(loopback), negated: true), .connectionState(.dnat), .sameAddresses(options.family)],
      .masquerade(randomFully: options.features.randomFully))
  }

  private var markMasquerade: Chain {
    Chain(.nat, .markMasquerade, rules: [Rule([], .setMark(options.masqueradeMark))])
  }

  /// route_localnet would let neighbours reach services on the node's loopback (CVE-2020-8558).
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
  /// The accounting objects that rules refer to where the kernel has accounting; they have to exist before the rules.
  public static let accountingNames = [BaseRules.invalidCounter, DispatchEntry.localhostCounter]
}
