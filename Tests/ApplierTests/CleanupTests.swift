import Applier
import ApplierSupport
import IPTables
import ServiceModel
import Testing

@Suite("--cleanup", .timeLimit(.minutes(5)))
struct CleanupTests {
  private static let kubeProxy = """
    *mangle
    :KUBE-PROXY-CANARY - [0:0]
    COMMIT
    *filter
    :KUBE-PROXY-CANARY - [0:0]
    :KUBE-SERVICES - [0:0]
    :KUBE-FORWARD - [0:0]
    :KUBE-FIREWALL - [0:0]
    -A INPUT -j KUBE-FIREWALL
    -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
    -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
    COMMIT
    *nat
    :KUBE-SERVICES - [0:0]
    :KUBE-MARK-MASQ - [0:0]
    :KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]
    :KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]
    -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-AAAAAAAAAAAAAAAA
    -A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-AAAAAAAAAAAAAAAA
    -A KUBE-SEP-AAAAAAAAAAAAAAAA -s 10.0.0.1/32 -j KUBE-MARK-MASQ
    COMMIT

    """

  private static let foreign = """
    *filter
    :CNI-FORWARD - [0:0]
    -A FORWARD -j CNI-FORWARD
    -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
    COMMIT
    *nat
    :CNI-HOSTPORT-DNAT - [0:0]
    :KUBE-FOO - [0:0]
    -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
    COMMIT

    """

  private static let kubelet = "*mangle\n:KUBE-IPTABLES-HINT - [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n"

  private func clean(_ text: String) async throws -> (after: RuleSet, report: CleanupReport) {
    let kernel = FakeKernel()
    try kernel.load(.ipv4, text)
    let reports = await Cleanup([kernel]).run()
    return (kernel.current.rules[.ipv4]!, try #require(reports.first { $0.family == .ipv4 }))
  }

  private func kernel(_ text: String) throws -> RuleSet {
    let kernel = FakeKernel()
    try kernel.load(.ipv4, text)
    return kernel.current.rules[.ipv4]!
  }

  @Test
  func `the clean-up removes all rules of the proxy and nothing else`() async throws {
    let (after, report) = try await clean(Self.foreign + Self.kubeProxy)
    #expect(after == (try kernel(Self.foreign)))
    #expect(report.failure == nil)
    #expect(report.chainsRemoved == 9)
    #expect(report.jumpsRemoved == 5)
  }

  @Test
  func `if the kubelet runs on the host, its chains and KUBE-FIREWALL stay`() async throws {
    let (after, _) = try await clean(Self.kubelet + Self.kubeProxy)
    var expected = try kernel(Self.kubelet)
    let before = try kernel(Self.kubeProxy)
    expected[.filter, .kubeFirewall] = before[.filter, .kubeFirewall]
    expected[.filter, .input] = before[.filter, .input]
    #expect(after == expected)
  }

  @Test
  func `if KUBE-FIREWALL has rules of other programs, only the proxy's rule is deleted`() async throws {
    let extra = "*filter\n-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP\nCOMMIT\n"
    let (after, _) = try await clean(Self.kubeProxy + extra)
    #expect(after[.filter, .kubeFirewall]?.count == 1)
    #expect(after[.filter, .input]?.count == 1)
    #expect(after[.nat, .services] == nil)
  }

  @Test
  func `a chain that a foreign rule refers to is emptied and named`() async throws {
    let extra = "*nat\n:MINE - [0:0]\n-A MINE -j KUBE-SVC-AAAAAAAAAAAAAAAA\nCOMMIT\n"
    let (after, report) = try await clean(Self.kubeProxy + extra)
    #expect(after[.nat, "KUBE-SVC-AAAAAAAAAAAAAAAA"] == [])
    #expect(report.chainsKept == [ChainKey(.nat, "KUBE-SVC-AAAAAAAAAAAAAAAA")])
  }

  @Test
  func `with nothing to remove, no restore is started`() async throws {
    let kernel = FakeKernel()
    _ = await Cleanup([kernel]).run()
    #expect(kernel.current.restores == 0)
  }

  @Test
  func `the clean-up does not read legacy tables that do not exist`() async throws {
    struct None: LegacyTables {
      func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable? { nil }
    }
    let kernel = FakeKernel(.legacy)
    #expect(await Cleanup([kernel], legacyTables: None()).run().isEmpty)
    #expect(kernel.current.saves == 0)
  }
}
