import Glibc
import Lab
import ServiceModel
import Testing

/// The rules in the kernel: beside foreign rules, after a second run and after the clean-up.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct KernelRulesTests {
  /// Rules of other programs, some in chains whose names begin like those of the proxy. KUBE-FIREWALL belongs to the
  /// kubelet.
  static func foreign(_ family: IPFamily) -> String {
    let firewall = """
      -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" \
      -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP

      """
    return """
      *nat
      :CNI-HOSTPORT-DNAT - [0:0]
      :KIND-MASQ-AGENT - [0:0]
      -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
      -A POSTROUTING -m addrtype ! --dst-type LOCAL -j KIND-MASQ-AGENT
      -A KIND-MASQ-AGENT -j RETURN
      COMMIT
      *filter
      :KUBE-ROUTER-FORWARD - [0:0]
      :KUBE-FIREWALL - [0:0]
      -A INPUT -j KUBE-FIREWALL
      -A OUTPUT -j KUBE-FIREWALL
      -A FORWARD -j KUBE-ROUTER-FORWARD
      -A KUBE-ROUTER-FORWARD -m comment --comment "a policy controller's" -j RETURN
      \(family == .ipv4 ? firewall : "")COMMIT
      *mangle
      :KUBE-IPTABLES-HINT - [0:0]
      :KUBE-KUBELET-CANARY - [0:0]
      COMMIT

      """
  }

  static let layout = Layout(nodes: [.init("worker-a")])

  static func arguments(_ backend: Backend) -> [String] {
    [
      Program.path, "--manifests", DryRunTests.examples, "--hostname-override", "worker-a", "--iptables-backend",
      backend.rawValue, "--cluster-cidr", "10.10.0.0/16",
    ]
  }

  @Test(arguments: Backend.allCases)
  func `a second run finds everything in place, and foreign rules stay`(_ backend: Backend) async throws {
    try await Lab.with(KernelRulesTests.layout) { lab in
      let node = lab.node("worker-a")
      for family in IPFamily.allCases {
        try await Command([backend.restore(family), "-w", "--noflush"], input: KernelRulesTests.foreign(family))
          .run(in: node.namespace)
      }
      var before: [IPFamily: [String]] = [:]
      for run in 1...2 {
        let proxy = try await lab.start(KernelRulesTests.arguments(backend), on: node)
        try await proxy.waitForSync(after: 0)
        #expect(await proxy.stop() == 0)
        for family in IPFamily.allCases {
          let rules = try await backend.rules(family, in: node.namespace)
          #expect(rules.contains { $0.hasPrefix("-A KUBE-SVC-") })
          #expect(rules.contains { $0.hasPrefix("-A KUBE-ROUTER-FORWARD ") })
          #expect(rules.contains { $0.hasPrefix("-A PREROUTING") && $0.hasSuffix("-j CNI-HOSTPORT-DNAT") })
          if run == 1 { before[family] = rules } else { #expect(rules == before[family]) }
        }
      }
    }
  }

  @Test(arguments: Backend.allCases)
  func `--cleanup leaves what is not ours, exactly as it was`(_ backend: Backend) async throws {
    try await Lab.with(KernelRulesTests.layout) { lab in
      let node = lab.node("worker-a")
      var before: [IPFamily: [String]] = [:]
      for family in IPFamily.allCases {
        try await Command([backend.restore(family), "-w", "--noflush"], input: KernelRulesTests.foreign(family))
          .run(in: node.namespace)
        before[family] = try await backend.rules(family, in: node.namespace)
      }
      let proxy = try await lab.start(KernelRulesTests.arguments(backend), on: node)
      try await proxy.waitForSync(after: 0)
      await proxy.stop()
      try await Command([Program.path, "--cleanup", "--iptables-backend", backend.rawValue]).run(in: node.namespace)
      for family in IPFamily.allCases {
        let after = try await backend.rules(family, in: node.namespace)
        let difference = after.difference(from: before[family] ?? [])
        #expect(difference.isEmpty, "\(difference.map { "\($0)" })")
      }
    }
  }
}
