import Foundation
import Lab
import ServiceModel
import Testing

/// From kube-proxy to this proxy and back on a live node, with kube-proxy's own rules from a capture.
///
/// Case 05 of the captures: Service `web` is 10.200.1.16:80, node port 30080, with an endpoint at .5 on each node.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct TakeOverTests {
  static let name = "05-nodeport"
  static let layout = Layout(
    nodes: ["kind-control-plane", "kind-worker", "kind-worker2"].enumerated().map { number, node in
      .init(node, pods: ["client-\(number)", "idle-\(number)a", "idle-\(number)b", "web-\(number)"])
    })

  @Test(arguments: Backend.allCases)
  func `a client that opens 200 connections a second loses none during a take-over`(_ backend: Backend) async throws {
    try await Lab.with(TakeOverTests.layout) { lab in
      for number in 0...2 { try await lab.responder.serve(lab.pod("web-\(number)"), .tcp, port: 8080) }
      let node = try TakeOverNode(lab, backend)
      try await node.loadRulesOfKubeProxy()
      let clients = try await Clients(lab, node.node)
      let before = try await node.rules()

      var proxy = try await node.startProxy()
      try await clients.check("take-over")
      #expect(try await node.rules() == before, "the same rules are left alone")

      for _ in 1...3 {
        #expect(await proxy.stop() == 0)
        proxy = try await node.startProxy()
        try await clients.check("restart")
      }
      #expect(try await node.rules() == before)

      for form in ["compact", "chains", "compact"] {
        await proxy.stop()
        proxy = try await node.startProxy(["--endpoint-rules", form])
        try await clients.check("restart with --endpoint-rules \(form)")
        let hasChains = try await node.rules()[.ipv4]?.contains { $0.contains("KUBE-SEP-") }
        #expect(hasChains == (form == "chains"))
      }

      await proxy.stop()
      proxy = try await node.startProxy(
        with: "iptables: {masqueradeAll: true, masqueradeBit: 5}\n")
      try await clients.check("masqueradeAll and another bit")
      let changed = try await node.rules()
      #expect(changed[.ipv4]?.contains { $0.contains("--mark 0x20/0x20") } == true)
      #expect(changed[.ipv4]?.contains { $0.contains("0x4000") } == false)

      await proxy.stop()
      proxy = try await node.startProxy(["--endpoint-rules", "compact"])
      await proxy.stop()
      try await node.giveBack()
      try await clients.check("give-back")
      let report = try await clients.stop()
      #expect(report.allSatisfy { $0.failures.isEmpty }, "\(report.map(\.failures))")
    }
  }

  @Test(arguments: Backend.allCases)
  func `every chain is one that kube-proxy keeps or removes`(_ backend: Backend) async throws {
    try await Lab.with(TakeOverTests.layout) { lab in
      let node = try TakeOverNode(lab, backend)
      let proxy = try await node.startProxy(["--dispatch", "indexed"])
      await proxy.stop()
      let known: Set<String> = [
        "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL", "KUBE-FORWARD",
        "KUBE-POSTROUTING", "KUBE-MARK-MASQ", "KUBE-PROXY-CANARY", "KUBE-FIREWALL", "INPUT", "OUTPUT", "FORWARD",
        "PREROUTING", "POSTROUTING",
      ]
      for rules in try await node.rules().values {
        for line in rules where line.hasPrefix(":") {
          let chain = String(line.dropFirst().prefix { $0 != " " })
          let isRemovable = ["KUBE-SVC-", "KUBE-SVL-", "KUBE-SEP-", "KUBE-FW-", "KUBE-EXT-"].contains(
            where: chain.hasPrefix)
          #expect(known.contains(chain) || isRemovable, "\(chain)")
        }
      }
    }
  }
}

/// The node of the capture.
private struct TakeOverNode {
  let lab: Lab
  let backend: Backend
  let node: LabNode
  private let scratch: ScratchFolder
  private let folder = Golden.folder.appending(path: "cases/\(TakeOverTests.name)")

  init(_ lab: Lab, _ backend: Backend) throws {
    self.lab = lab
    self.backend = backend
    scratch = try ScratchFolder()
    let config = try String(contentsOf: folder.appending(path: "config.yaml"), encoding: .utf8)
    let name = try #require(config.firstMatch(of: /hostnameOverride: (\S+)/)).1
    node = lab.node(String(name))
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private func suffix(_ family: IPFamily) -> String { family == .ipv4 ? "v4" : "v6" }

  /// Creates the state that kube-proxy left: its nfacct counters, its chains and its jumps.
  func loadRulesOfKubeProxy() async throws {
    try await Command([
      "python3", Golden.folder.appending(path: "compare.py").path, "--make-nfacct", "ct_state_invalid_dropped_pkts",
      "localhost_nps_accepted_pkts",
    ]).run(in: node.namespace)
    for family in IPFamily.allCases {
      let rules = try ["nat", "filter"].map { try read("expected.\(suffix(family)).\($0).save") }.joined()
      let canary = "*mangle\n:KUBE-PROXY-CANARY - [0:0]\nCOMMIT\n"
      try await Command([backend.restore(family), "-w", "--noflush"], input: rules + canary).run(in: node.namespace)
    }
  }

  /// Does what kube-proxy does when it starts again: writes its rules once for each family.
  func giveBack() async throws {
    for family in IPFamily.allCases {
      let payload = try read("restore.\(suffix(family)).txt")
      try await Command([backend.restore(family), "-w", "--noflush", "--counters"], input: payload).run(
        in: node.namespace)
    }
  }

  /// All rules by family. They are sorted, because in some chains kube-proxy's order is that of a Go map.
  func rules() async throws -> [IPFamily: [String]] {
    var result: [IPFamily: [String]] = [:]
    for family in IPFamily.allCases { result[family] = try await backend.rules(family, in: node.namespace).sorted() }
    return result
  }

  /// Starts the proxy with the capture's configuration and some more.
  func startProxy(_ arguments: [String] = [], with more: String = "") async throws -> Daemon {
    try scratch.write(try read("config.yaml") + more, to: "config.yaml")
    let proxy = try await lab.start(
      [
        Program.path, "--manifests", folder.appending(path: "objects.json").path,
        "--config", scratch.url.appending(path: "config.yaml").path, "--iptables-backend", backend.rawValue,
      ] + arguments, on: node)
    try await proxy.waitForSync(after: 0)
    return proxy
  }
}

/// Clients that would notice an interruption: a pod that asks the cluster IP, an outside client that asks the node
/// port, and an open connection of each.
private struct Clients {
  private let steady: [SteadyClient]
  private let open: [LongConnection]

  init(_ lab: Lab, _ node: LabNode) async throws {
    let pod = lab.pod("client-\(node.number)")
    let clusterIP = Request(.tcp, IPAddress("10.200.1.16")!, port: 80)
    let nodePort = Request(.tcp, node.addresses.ipv4, port: 30080)
    open = [
      try await LongConnection.open(clusterIP, from: pod), try await LongConnection.open(nodePort, from: lab.outsider),
    ]
    steady = [SteadyClient(clusterIP, from: pod), SteadyClient(nodePort, from: lab.outsider)]
    for client in steady { try await client.waitForMore(20) }
  }

  func check(_ what: String) async throws {
    for connection in open { #expect(try await connection.ask().endpoint != nil, "\(what)") }
    for client in steady { try await client.waitForMore(20) }
  }

  func stop() async throws -> [SteadyClient.Report] {
    var reports: [SteadyClient.Report] = []
    for client in steady { reports.append(try await client.stop()) }
    return reports
  }
}
