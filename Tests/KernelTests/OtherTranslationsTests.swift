import Lab
import ServiceModel
import Testing

/// Connections of a host to itself that do not go through a Service. The compact rule for hairpins looks only at
/// addresses and at whether the connection was translated.
@Suite(.needsRoot, .timeLimit(.minutes(5)))
struct OtherTranslationsTests {
  /// A node's loopback interface.
  private struct Loopback: LabHost {
    let node: LabNode
    var name: String { "loopback" }
    var namespace: NetworkNamespace { node.namespace }
    var addresses: Addresses { Addresses { IPAddress($0 == .ipv4 ? "127.0.0.1" : "::1")! } }
  }

  /// The client's address as a server saw it.
  private struct Seen: Equatable {
    let endpoint: String?
    let source: IPAddress?
  }

  /// Another program's translation from loopback to loopback.
  private static func foreign(_ family: IPFamily) -> String {
    let address = family == .ipv4 ? "127.0.0.1" : "[::1]"
    return "*nat\n-A OUTPUT -o lo -p tcp -m tcp --dport 9090 -j DNAT --to-destination \(address):9091\nCOMMIT\n"
  }

  @Test(arguments: Backend.allCases)
  func `portmap's hairpin, loopback and a host's own address are as without the proxy`(_ backend: Backend) async throws
  {
    try await Lab.with(Layout(nodes: [.init("worker-a", pods: ["pod"])])) { lab in
      let (node, pod) = (lab.node("worker-a"), lab.pod("pod"))
      let loopback = Loopback(node: node)
      try await lab.responder.serve(pod, .tcp, port: 8080)
      try await lab.responder.serve(node, .tcp, port: 9092)
      try await lab.responder.serve(loopback, .tcp, port: 9091)
      try await lab.mapHostPort(8081, to: pod, port: 8080)
      for family in IPFamily.allCases {
        try await Command([backend.restore(family), "--noflush"], input: Self.foreign(family)).run(in: node.namespace)
      }
      func ask(_ host: some LabHost, _ address: IPAddress, _ port: UInt16) async throws -> Seen {
        let outcome = try await host.ask(.tcp, address, port: port)
        return Seen(endpoint: outcome.endpoint, source: outcome.source)
      }
      func untranslated(_ family: IPFamily) async throws -> [Seen] {
        [
          try await ask(node, loopback.addresses[family], 9090), try await ask(node, node.addresses[family], 9092),
          try await ask(pod, pod.addresses[family], 8080),
        ]
      }
      func hairpin(_ family: IPFamily) async throws -> Seen { try await ask(pod, node.addresses[family], 8081) }

      var (before, hairpins): ([IPFamily: [Seen]], [IPFamily: Seen]) = ([:], [:])
      for family in IPFamily.allCases {
        before[family] = try await untranslated(family)
        #expect(before[family]?.map(\.endpoint) == ["loopback", "worker-a", "pod"])
        hairpins[family] = try await hairpin(family)
        #expect(hairpins[family] == Seen(endpoint: "pod", source: node.gateway(family)))
      }
      let arguments = KernelRulesTests.arguments(backend) + ["--endpoint-rules", "compact"]
      let proxy = try await lab.start(arguments, on: node)
      try await proxy.waitForSync(after: 0)
      for family in IPFamily.allCases {
        #expect(try await untranslated(family) == before[family])
        let counted = try await Command([backend.save(family), "-c", "-t", "nat"]).run(in: node.namespace)
        let rule = counted.split(separator: "\n").first { $0.contains("-A KUBE-POSTROUTING") && $0.contains("-m bpf") }
        #expect(rule?.hasPrefix("[0:0]") == true, "the rule for hairpins took none of them: \(rule ?? "no rule")")
        #expect(try await hairpin(family) == hairpins[family])
      }
    }
  }
}
