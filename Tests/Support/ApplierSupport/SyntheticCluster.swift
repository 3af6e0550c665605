import IPTables
import ServiceModel

/// The rules of any number of similar Services, in the layout of kube-proxy's iptables mode.
///
/// Service N has the address 10.96.x.y or fd00:96::N and endpoints in 10.0.0.0/8 or fd00:10::/32.
package struct SyntheticCluster: Sendable {
  package var family: IPFamily
  /// The number of endpoints of each Service, by its number.
  package var endpoints: [Int: Int]
  /// Changes the rules of every Service, as another configuration does.
  package var generation = 0
  /// Services that are rejected in the filter table.
  package var rejected: Set<Int> = []

  package init(_ family: IPFamily, services: Int, endpoints: Int) {
    self.family = family
    self.endpoints = Dictionary(uniqueKeysWithValues: (0..<services).map { ($0, endpoints) })
  }

  /// Everything, as a full sync needs it.
  package struct Plan: RulePlan {
    package let cluster: SyntheticCluster
    package var family: IPFamily { cluster.family }
    package var jumps: [BuiltInJump] { SyntheticCluster.jumps }
    package var sharedChains: [ChainKey] { [] }

    package func forEachChain(_ body: (Chain) throws -> Void) rethrows {
      for chain in cluster.base { try body(chain) }
      for service in cluster.endpoints.keys.sorted() {
        for chain in cluster.chains(of: service) { try body(chain) }
      }
      for chain in cluster.dispatch { try body(chain) }
    }
  }

  package var plan: Plan { Plan(cluster: self) }

  package static let jumps: [BuiltInJump] = [
    BuiltInJump(.nat, .prerouting, Rule([comment("kubernetes service portals")], .jump(.services))),
    BuiltInJump(.nat, .output, Rule([comment("kubernetes service portals")], .jump(.services))),
    BuiltInJump(.nat, .postrouting, Rule([comment("kubernetes postrouting rules")], .jump(.kubePostrouting))),
    BuiltInJump(.filter, .forward, Rule([comment("kubernetes forwarding rules")], .jump(.kubeForward))),
    BuiltInJump(.filter, .forward, Rule([comment("kubernetes service portals")], .jump(.services))),
    BuiltInJump(.filter, .output, Rule([comment("kubernetes service portals")], .jump(.services))),
  ]

  var base: [Chain] {
    [
      Chain(.nat, .markMasquerade, rules: [Rule([], .setMark(0x4000))]),
      Chain(
        .nat, .kubePostrouting,
        rules: [
          Rule([.mark(0x4000, mask: 0x4000, negated: true)], .return), Rule([], .flipMark(0x4000)),
          Rule([], .masquerade(randomFully: true)),
        ]),
      Chain(.filter, .kubeForward, rules: [Rule([.mark(0x4000, mask: 0x4000)], .accept)]),
    ] + Table.allCases.map { Chain($0, .canary) }
  }

  /// The dispatch chains.
  package var dispatch: [Chain] {
    let services = endpoints.keys.sorted()
    return [
      Chain(.nat, .services, rules: services.map { Rule(match($0), .jump(chainName(.cluster, $0, 0))) }),
      Chain(.filter, .services, rules: rejected.sorted().map { Rule(match($0), .reject) }),
    ]
  }

  /// The chains of one Service: its own and those of its endpoints.
  package func chains(of service: Int) -> [Chain] {
    let count = endpoints[service] ?? 0
    var top = Chain(.nat, chainName(.cluster, service, 0))
    if generation > 0 { top.rules.append(Rule(match(service), .jump(.markMasquerade))) }
    var chains: [Chain] = []
    for number in 0..<count {
      let name = chainName(.endpoint, service, number)
      let pick = number == count - 1 ? [] : [Match.statistic(Probability(1, of: count - number))]
      top.rules.append(Rule([SyntheticCluster.comment("ns/svc\(service) -> \(number)")] + pick, .jump(name)))
      let address = endpointAddress(service, number)
      chains.append(
        Chain(
          .nat, name,
          rules: [
            Rule([.source(.host(address))], .jump(.markMasquerade)),
            Rule(
              [.transport(.tcp)],
              .destinationNAT(SocketAddress(address, port: UInt16(8080 + generation)))),
          ]))
    }
    return [top] + chains
  }

  package func chainName(_ prefix: ChainName.Prefix, _ service: Int, _ number: Int) -> ChainName {
    // Spread the number over all bits of the hash, as a digest does.
    var state = UInt64(service) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(number) &* 0xbf58_476d_1ce4_e5b9 &+ 1
    let bytes = (0..<10).map { _ in
      state ^= state >> 30
      state = state &* 0x94d0_49bb_1331_11eb
      return UInt8(truncatingIfNeeded: state >> 32)
    }
    return .hashed(prefix, bytes.withUnsafeBytes { ChainName.Hash(digest: $0) })
  }

  private func match(_ service: Int) -> [Match] {
    let address =
      family == .ipv4
      ? IPAddress(family: .ipv4, bits: UInt128(0x0a60_0001 + service))
      : IPAddress(family: .ipv6, bits: UInt128(0xfd00_0096) << 96 | UInt128(service + 1))
    return [
      SyntheticCluster.comment("ns/svc\(service) cluster IP"), .transport(.tcp), .destination(.host(address)),
      .destinationPort(80...80),
    ]
  }

  private func endpointAddress(_ service: Int, _ number: Int) -> IPAddress {
    let offset = UInt128(service * 300 + number + 2)
    return family == .ipv4
      ? IPAddress(family: .ipv4, bits: 0x0a80_0000 + offset)
      : IPAddress(family: .ipv6, bits: UInt128(0xfd00_0010) << 96 | offset)
  }

  static func comment(_ text: String) -> Match { .comment(Comment(checked: text)) }
}
