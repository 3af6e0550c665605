import Lab
import ServiceModel
import Testing

/// Rules that an earlier kube-proxy left, of its other modes or of the other iptables backend.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct EarlierProxyTests {
  /// As ipvs mode leaves them; kubelet and kube-proxy of older versions made the chains to drop packets.
  static let ipvs = """
    *nat
    :KUBE-FIREWALL - [0:0]
    :KUBE-LOAD-BALANCER - [0:0]
    :KUBE-MARK-DROP - [0:0]
    :KUBE-MARK-MASQ - [0:0]
    :KUBE-NODE-PORT - [0:0]
    :KUBE-POSTROUTING - [0:0]
    :KUBE-SERVICES - [0:0]
    -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A KUBE-FIREWALL -j KUBE-MARK-DROP
    -A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ
    -A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
    -A KUBE-NODE-PORT -p tcp -j KUBE-MARK-MASQ
    -A KUBE-SERVICES -d 203.0.113.7/32 -j KUBE-LOAD-BALANCER
    -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
    COMMIT
    *filter
    :KUBE-IPVS-FILTER - [0:0]
    :KUBE-IPVS-OUT-FILTER - [0:0]
    :KUBE-NODE-PORT - [0:0]
    :KUBE-PROXY-FIREWALL - [0:0]
    :KUBE-SOURCE-RANGES-FIREWALL - [0:0]
    -A INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER
    -A INPUT -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL
    -A INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT
    -A OUTPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-OUT-FILTER
    -A KUBE-NODE-PORT -p tcp --dport 30999 -j ACCEPT
    -A KUBE-PROXY-FIREWALL -d 203.0.113.7/32 -j KUBE-SOURCE-RANGES-FIREWALL
    -A KUBE-SOURCE-RANGES-FIREWALL -j DROP
    -A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -d 10.96.0.0/16 -j REJECT
    COMMIT

    """

  private func withNode(_ body: (Lab, LabNode) async throws -> Void) async throws {
    try await Lab.with(KernelRulesTests.layout) { lab in try await body(lab, lab.node("worker-a")) }
  }

  private func cleanup(_ node: LabNode) async throws -> CommandResult {
    try await Command([Program.path, "--cleanup"]).result(in: node.namespace)
  }

  /// Starts the daemon and ends it after its first sync. Returns its log.
  private func startAndStop(_ lab: Lab, _ node: LabNode, _ backend: Backend) async throws -> [String] {
    let proxy = try await lab.start(KernelRulesTests.arguments(backend), on: node)
    try await proxy.waitForSync(after: 0)
    #expect(await proxy.stop() == 0)
    return proxy.lines
  }

  @Test(arguments: Backend.allCases)
  func `ipvs mode's chains are named at the start, and --cleanup removes them`(_ backend: Backend) async throws {
    try await withNode { lab, node in
      try await Command([backend.restore(.ipv4), "-w", "--noflush"], input: EarlierProxyTests.ipvs).run(
        in: node.namespace)
      let lines = try await startAndStop(lab, node, backend)
      let warning = lines.filter { $0.hasPrefix("W") && $0.contains("ipvs mode") }
      #expect(warning.count == 1 && warning[0].contains("KUBE-IPVS-FILTER"), "\(warning)")
      let result = try await cleanup(node)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try await backend.rules(.ipv4, in: node.namespace).filter { $0.contains("KUBE-") } == [])
    }
  }

  @Test
  func `parts of ipvs mode that --cleanup does not remove are named, and the status is 1`() async throws {
    try await withNode { lab, node in
      try await Command(["ip", "link", "add", "kube-ipvs0", "type", "veth"]).run(in: node.namespace)
      let result = try await cleanup(node)
      #expect(result.status == 1)
      #expect(result.errors.contains("ip link delete kube-ipvs0"), "\(result.errors)")
    }
  }

  @Test
  func `nftables mode's tables are deleted at the start and by --cleanup, and others stay`() async throws {
    try await withNode { lab, node in
      let ours = ["ip", "ip6"].map { "table \($0) kube-proxy { chain services { drop; }; }\n" }.joined()
      let others = "table inet kube-proxy { chain a { }; }\ntable ip kube-router { chain a { }; }\n"
      func tables() async throws -> [String] {
        try await Command(["nft", "list", "tables"]).run(in: node.namespace).split(separator: "\n").map(String.init)
          .filter { $0.contains("kube-") }.sorted()
      }
      let foreign = ["table inet kube-proxy", "table ip kube-router"]
      for backend in Backend.allCases {
        try await Command(["nft", "-f", "-"], input: ours + others).run(in: node.namespace)
        let lines = try await startAndStop(lab, node, backend)
        #expect(lines.filter { $0.contains("deleted the table of kube-proxy's nftables mode") }.count == 2)
        #expect(try await tables() == foreign)
      }
      try await Command(["nft", "-f", "-"], input: ours).run(in: node.namespace)
      let result = try await cleanup(node)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try await tables() == foreign)
    }
  }

  @Test(arguments: Backend.allCases)
  func `rules in the other backend are named by the daemon, diff and explain, and --cleanup removes them`(
    _ backend: Backend
  )
    async throws
  {
    try await withNode { lab, node in
      let other = Backend.allCases.first { $0 != backend }!
      _ = try await startAndStop(lab, node, other)
      let warning = "the other iptables backend"
      let lines = try await startAndStop(lab, node, backend)
      #expect(lines.filter { $0.hasPrefix("W") && $0.contains(warning) && $0.contains("\(other) IPv4 nat") }.count == 1)
      let sources = Array(KernelRulesTests.arguments(backend).dropFirst()) + ["--kernel"]
      for command in [["diff"], ["explain", "--to", "192.0.2.1:80"]] {
        let result = try await Command([Program.path] + command + sources).result(in: node.namespace)
        #expect(result.errors.contains(warning) && result.errors.contains("--cleanup"), "\(command): \(result.errors)")
      }
      let result = try await cleanup(node)
      #expect(result.status == 0, "\(result.errors)")
      for backend in Backend.allCases {
        #expect(try await backend.rules(.ipv4, in: node.namespace).filter { $0.contains("KUBE-") } == [])
      }
      let after = try await Command([Program.path, "diff"] + sources).result(in: node.namespace)
      #expect(!after.errors.contains(warning))
    }
  }
}
