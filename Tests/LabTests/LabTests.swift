import Glibc
import ServiceModel
import Testing

@testable import Lab

@Suite(.enabled(if: geteuid() == 0, "needs root for network namespaces"), .timeLimit(.minutes(10)))
struct LabTests {
  static let layout = Layout(nodes: [.init("kind-control-plane", pods: ["a", "b"]), .init("kind-worker", pods: ["c"])])

  @Test
  func `pods are reached from pods, nodes and within a node, over every transport, and see who asks`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      let transports = TransportProtocol.allCases
      for transport in transports { try await lab.responder.serve(lab.pod("c"), transport, port: 80) }
      let askers: [any LabHost] = [lab.pod("a"), lab.node("kind-worker"), lab.pod("c")]
      for asker in askers {
        for family in IPFamily.allCases {
          for transport in transports {
            let outcome = try await asker.ask(transport, lab.pod("c").addresses[family], port: 80)
            #expect(outcome.endpoint == "c", "\(asker.name) \(transport) \(family): \(outcome)")
            if asker.name == "a" { #expect(outcome.source == asker.addresses[family]) }
          }
        }
      }
    }
  }

  @Test
  func `the outside client reaches nodes, and pods only once it has a route`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      try await lab.responder.serve(lab.pod("a"), .tcp, port: 80)
      let node = lab.node("kind-control-plane")
      try await lab.responder.serve(node, .tcp, port: 8080)
      for family in IPFamily.allCases {
        let outcome = try await lab.outsider.ask(.tcp, node.addresses[family], port: 8080)
        #expect(outcome.endpoint == node.name)
        #expect(outcome.source == lab.outsider.addresses[family])
        #expect(try await lab.outsider.ask(.tcp, node.addresses[family], port: 81) == .refused)
        let pod = lab.pod("a").addresses[family]
        #expect(try await lab.outsider.ask(.tcp, pod, port: 80) == .unreachable)
        try await lab.ip("route add \(pod) via \(node.addresses[family])\n", in: lab.outsider.namespace)
        #expect(try await lab.outsider.ask(.tcp, pod, port: 80).endpoint == "a")
      }
    }
  }

  @Test
  func `a connection lives on while new ones are refused, and a steady client counts the failures`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      let (a, b) = (lab.pod("a"), lab.pod("b"))
      try await lab.responder.serve(a, .tcp, port: 80)
      let request = Request(.tcp, a.addresses.ipv4, port: 80)
      let long = try await LongConnection.open(request, from: b)
      #expect(try await long.ask().endpoint == "a")
      let steady = SteadyClient(request, from: b)
      try await steady.waitForMore(20)
      try await Command(["iptables", "-I", "INPUT", "-p", "tcp", "--syn", "-j", "REJECT"]).run(in: a.namespace)
      try await steady.waitForMore(20)
      let report = try await steady.stop()
      #expect(report.answered >= 19)
      #expect(Set(report.failures) == [.refused])
      #expect(try await long.ask().endpoint == "a")
      await lab.responder.stop("a")
      #expect(try await long.ask() == .reset)
    }
  }

  @Test
  func `a steady client that nobody stops ends with its last reference`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      let request = Request(.tcp, lab.pod("a").addresses.ipv4, port: 80)
      let done = SteadyClient(request, from: lab.pod("b")).done
      try await done.value
    }
  }

  @Test
  func `a responder that has ended leaves no open port`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      let pod = lab.pod("a")
      lab.responder.close()
      try await lab.responder.serve(pod, .tcp, port: 80)
      // The responder closes the port when it has ended, perhaps while the connection is already open.
      let outcome = try await lab.pod("b").ask(.tcp, pod.addresses.ipv4, port: 80)
      #expect([.refused, .reset].contains(outcome))
    }
  }

  @Test
  func `a refusal by ICMP ends a connect at the first SYN`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      let node = lab.node("kind-control-plane")
      for (family, program) in [(IPFamily.ipv4, "iptables"), (.ipv6, "ip6tables")] {
        try await Command([program, "-A", "INPUT", "-p", "tcp", "-j", "REJECT"]).run(in: node.namespace)
        #expect(try await lab.pod("a").ask(.tcp, node.addresses[family], port: 80) == .refused)
      }
      let look = Command(["nstat", "--json", "--zeros", "--ignore", "--noupdate"])
      let counters = try await look.run(in: lab.pod("a").namespace)
      #expect(counters.contains("\"TcpExtTCPSynRetrans\":0"), "\(counters)")
    }
  }

  @Test
  func `nothing is left of a lab`() async throws {
    var names: [String] = []
    var daemon: Daemon?
    // A lab of another test can get this lab's number as soon as it is free, so no other lab has these names.
    try await Lab.with(Layout(nodes: [.init("only-here", pods: ["only-a", "only-b"])])) { lab in
      names = lab.nodes.map(\.namespace.name) + lab.pods.map(\.namespace.name)
      daemon = try await lab.start(["sh", "-c", "echo ready; exec sleep 1000"], on: lab.pod("only-a"))
      try await daemon?.waitForLine("ready") { $0 == "ready" }
      #expect(try await Command(["ip", "netns", "list"]).run().contains(names[0]))
    }
    #expect(daemon?.status == 128 + SIGTERM)
    let left = try await Command(["ip", "netns", "list"]).run()
    for name in names { #expect(!left.contains(name)) }
  }

  @Test
  func `a program's end or failure is seen`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      let daemon = try await lab.start(["sh", "-c", "echo oops; exit 3"], on: lab.pod("a"))
      await #expect(throws: LabError.self) { try await daemon.waitForLine("never") { $0 == "never" } }
      #expect(try await daemon.waitForEnd() == 3)
      #expect(daemon.lines == ["oops"])
      await #expect(throws: LabError.self) { try await Command(["false"]).run() }
    }
  }

  @Test
  func `kindnet's, kubelet's and portmap's rules stand beside each other, and a host port works`() async throws {
    try await Lab.with(LabTests.layout) { lab in
      let (pod, node) = (lab.pod("a"), lab.node("kind-control-plane"))
      try await lab.addNeighbours()
      try await lab.responder.serve(pod, .tcp, port: 8080)
      try await lab.mapHostPort(8081, to: pod, port: 8080)
      for family in IPFamily.allCases {
        let outcome = try await lab.outsider.ask(.tcp, node.addresses[family], port: 8081)
        #expect(outcome.endpoint == "a")
        #expect(outcome.source == lab.outsider.addresses[family])
      }
      let rules = try await Command(["iptables-save"]).run(in: node.namespace)
      for chain in ["CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-MASQ", "KIND-MASQ-AGENT", "KUBE-IPTABLES-HINT"] {
        #expect(rules.contains(":\(chain) "))
      }
    }
  }

  @Test
  func `what a killed run left behind is removed, and what runs in it ended; a live run's is left alone`() async throws
  {
    let (dead, alive) = ("kl0x\(getpid())", "kl1x\(getpid())")
    try await Command(["mkdir", "-p", "/run/kube-lab"]).run()
    for prefix in [dead, alive] { try await Command(["ip", "netns", "add", "\(prefix)-node"]).run() }
    let orphan = try await Daemon.start(["sleep", "1000"], in: NetworkNamespace("\(dead)-node"))
    // Labs that other tests build look for leftovers too. They wait while the folder is locked.
    let script = "exec 9< /run/kube-lab; flock 9; exec 8> $0; flock 8; exec 9<&-; echo held; exec sleep 1000"
    let holder = try await Daemon.start(
      ["sh", "-c", script, "/run/kube-lab/\(alive).lock"], in: NetworkNamespace("\(alive)-node"))
    try await holder.waitForLine("the lock") { $0 == "held" }
    try await Command(["touch", "/run/kube-lab/\(dead).lock"]).run()

    try await Lab.with(LabTests.layout) { _ in }
    #expect(try await orphan.waitForEnd() == 128 + SIGKILL)
    var left = try await Command(["ip", "netns", "list"]).run()
    #expect(!left.contains("\(dead)-node"))
    #expect(left.contains("\(alive)-node"))

    await holder.stop()
    try await Lab.with(LabTests.layout) { _ in }
    left = try await Command(["ip", "netns", "list"]).run()
    #expect(!left.contains("\(alive)-node"))
  }
}
