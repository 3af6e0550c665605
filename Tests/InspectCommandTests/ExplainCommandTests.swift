import Foundation
import Lab
import Testing

@Suite(.timeLimit(.minutes(5))) struct ExplainCommandTests {
  @Test(arguments: [
    ("arrives", ["--to", "10.200.1.10:80"], Int32(0)),
    ("a Service in two words", ["--to", "service", "examples/shop:http"], 0),
    ("a Service in one word", ["--to", "examples/shop"], 0),
    ("a port by number", ["--to", "service", "examples/shop:9090"], 0),
    ("UDP", ["--to", "10.200.1.11:5060/udp"], 0),
    ("IPv6", ["--to", "[fd00:10:200::18]:80", "--from", "2001:db8::7"], 0),
    ("is refused", ["--to", "service", "examples/not-yet"], 1),
    ("is dropped", ["--to", "203.0.113.10:443", "--from", "198.18.0.1"], 1),
    ("is for no Service", ["--to", "192.0.2.99:80"], 0),
    ("no Service has the port", ["--to", "10.200.1.10:81"], 1),
    ("no such node", ["--to", "10.200.1.10:80", "--hostname-override", "worker-x"], 2),
    ("an empty file", ["--to", "10.200.1.10:80", "--rules", "/dev/null"], 2),
    ("no such Service", ["--to", "service", "examples/nobody"], 2),
    ("no such port", ["--to", "service", "examples/shop:nothing"], 2),
    ("a sender of the other family", ["--to", "10.200.1.10:80", "--from", "2001:db8::7"], 2),
    ("no port", ["--to", "10.200.1.10"], 64),
    ("a protocol of nobody's", ["--to", "10.200.1.10:80/icmp"], 64),
    ("no destination", [], 64),
    ("an unknown sender", ["--to", "10.200.1.10:80", "--from", "me"], 64),
    ("two kinds of rules", ["--to", "10.200.1.10:80", "--kernel", "--rules", "x"], 64),
  ])
  func `exit status says whether packets arrive`(_ what: String, _ arguments: [String], _ status: Int32) async throws {
    let result = try await Program.run(
      ["explain", "--manifests", Program.examples, "--hostname-override", "worker-a"] + arguments)
    #expect(result.status == status, "\(what): \(result.errors)")
    if status >= 2 {
      #expect(!result.errors.isEmpty)
      #expect(result.output.isEmpty)
    }
  }

  @Test(arguments: [
    ("10.200.1.10", "'10.200.1.10' lacks a port, as in 10.200.1.10:80."),
    ("[fd00::1]", "'[fd00::1]' lacks a port, as in [fd00::1]:80."),
    ("10.200.1.300:80", "'10.200.1.300' is not an IP address."),
    ("10.200.1.10:99999", "'99999' is not a valid port; ports go from 1 to 65535."),
    ("10.200.1.10:0", "'0' is not a valid port"),
    ("10.200.1.10:http", "'http' is not a valid port"),
    ("10.200.1.10:80/icmp", "'icmp' is not one of the protocols tcp, udp and sctp."),
    ("shop", "--to takes ADDRESS:PORT[/PROTOCOL], or 'service' and NAMESPACE/NAME[:PORT]."),
  ])
  func `an invalid destination is refused with the reason`(_ destination: String, _ why: String) async throws {
    let result = try await Program.ask("explain", "--to", destination)
    #expect(result.status == 64)
    #expect(result.errors.contains(why), "\(result.errors)")
  }

  @Test(arguments: ["--from 2001:db8::7", "--ip-family ipv6"])
  func `a Service of the other family is not missing`(_ option: String) async throws {
    let words = option.split(separator: " ").map(String.init)
    let result = try await Program.ask("explain", "--to", "examples/shop", words[0], words[1])
    #expect(result.status == 2)
    #expect(result.errors.contains("Service examples/shop has no IPv6 cluster IP"))
  }

  @Test func `without a source of rules the error names the flags`() async throws {
    let result = try await Program.run(["explain", "--to", "10.200.1.10:80"])
    #expect(result.status == 2)
    #expect(result.errors.contains("--manifests PATH, --kubeconfig FILE, --kernel or --rules FILE"))
  }

  @Test func `JSON has the same answer`() async throws {
    let result = try await Program.ask(
      "explain", "--to", "service", "examples/public", "--all", "--from", "outside", "-o", "json")
    let answers = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    #expect(answers.count == 3)
    #expect(answers.map { $0["summary"] as? String } == ["delivered", "delivered", "delivered"])
    let choices = try #require(answers[0]["choices"] as? [[String: Any]])
    #expect(choices.map { $0["probability"] as? Double } == [0.5, 0.5])
    #expect(choices.map { $0["isMasqueraded"] as? Bool } == [true, true])
  }

  @Test func `rules that do not lead to the Service give exit status 1`() async throws {
    let folder = try ScratchFolder()
    let file = try folder.write("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", to: "rules")
    let question = ["--rules", file, "--to", "examples/shop"]
    let result = try await Program.ask("explain", question)
    #expect(result.status == 1)
    #expect(result.output.contains("but these rules do not lead there"))
    let json = try await Program.ask("explain", question + ["-o", "json"])
    let answers = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    let choices = answers.flatMap { $0["choices"] as? [[String: Any]] ?? [] }
    #expect(!choices.isEmpty && choices.allSatisfy { $0["verdict"] as? String == "missed" })
  }

  @Test func `only a terminal gets colours`() async throws {
    let result = try await Program.ask("explain", "--to", "10.200.1.10:80")
    #expect(!result.output.contains("\u{1b}"))
  }

  @Test func `rules from a file and from a dry run are explained alike`() async throws {
    let rules = try await Program.run(
      [
        "--manifests", Program.examples, "--dry-run", "--hostname-override", "worker-a", "--cluster-cidr",
        "10.10.0.0/16",
      ])
    #expect(rules.status == 0)
    let folder = try ScratchFolder()
    let file = try folder.write(rules.output, to: "rules")
    for service in ["examples/shop", "examples/public", "examples/both"] {
      let arguments = [
        "explain", "--to", service, "--from", "outside", "--all", "--interface-address", "172.18.0.3/16",
      ]
      let planned = try await Program.run(
        arguments + [
          "--ip-family", "ipv4", "--manifests", Program.examples, "--hostname-override", "worker-a", "--cluster-cidr",
          "10.10.0.0/16",
        ])
      let read = try await Program.run(arguments + ["--ip-family", "ipv4", "--rules", file])
      #expect(planned.status == 0 && read.status == 0)
      // A dump does not say on which node an endpoint runs.
      let ways = planned.output.split(separator: "\n").filter { $0.contains("KUBE-") }
      #expect(ways == read.output.split(separator: "\n").filter { $0.contains("KUBE-") })
      #expect(!ways.isEmpty)
    }
  }

  /// A dump does not tell the node's addresses, which only node ports need.
  @Test func `what cannot be explained is named beside the explanations`() async throws {
    let rules = try await Program.ask("--dry-run", "--ip-family", "ipv4")
    let folder = try ScratchFolder()
    let file = try folder.write(rules.output, to: "rules")
    let question = ["explain", "--rules", file, "--from", "outside", "--to", "examples/public", "--all"]
    let text = try await Program.run(question)
    #expect(text.status == 2)
    #expect(text.output.contains("to the load-balancer IP of Service examples/public"))
    #expect(text.output.contains("a node port of Service examples/public, port https, IPv4\n\n  cannot be explained\n"))
    let json = try await Program.run(question + ["-o", "json"])
    #expect(json.status == 2)
    let answers = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    #expect(answers.map { $0["summary"] as? String } == ["delivered", "delivered", "unexplained"])
    #expect((answers.last?["subject"] as? [String: String])?["kind"] == "node port")
    #expect(answers.last?["reason"] as? String == "no address of this node is known")
    let nothing = try await Program.run(["explain", "--rules", file, "--from", "host", "--to", "examples/public"])
    #expect(nothing.status == 2)
    #expect(nothing.output.isEmpty)
    #expect(nothing.errors.contains("give one with --interface-address or --from"))
  }

  /// Without a cluster CIDR, as README starts the proxy, the rules name no address of a pod.
  @Test func `without a known pod this node is the sender, unless another is chosen`() async throws {
    let rules = try await Program.run(
      ["--manifests", Program.examples, "--dry-run", "--hostname-override", "worker-a", "--ip-family", "ipv4"])
    let folder = try ScratchFolder()
    let file = try folder.write(rules.output, to: "rules")
    let question = ["explain", "--rules", file, "--to", "service", "examples/both", "--all"]
    let node = ["--interface-address", "172.18.0.3/16"]
    let answer = try await Program.run(question + node)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(
      answer.errors
        == "note: the addresses of IPv4 pods are not known, so this node is the sender; --from selects another\n")
    #expect(answer.output.contains("from this host to a node port of Service examples/both"))
    let pod = try await Program.run(question + node + ["--from", "pod"])
    #expect(pod.status == 2)
    #expect(pod.errors == "error: the addresses of pods are not known: give an address with --from\n")
    #expect(try await Program.run(question).errors == pod.errors, "the node's addresses are not known either")
  }
}
