import Lab
import Testing

@Suite(.timeLimit(.minutes(5))) struct GraphCommandTests {
  @Test(arguments: [("svg", "<svg "), ("dot", "digraph"), ("mermaid", "flowchart LR")])
  func `formats`(_ format: String, _ start: String) async throws {
    let result = try await Program.ask("graph", "--format", format, "--service", "examples/shop")
    #expect(result.status == 0)
    #expect(result.output.hasPrefix(start))
    #expect(result.output.contains("10.10.2.11:8080"))
    #expect(!result.output.contains("examples/public"))
  }

  /// A Mermaid block has one chart, and a chart shows one family.
  @Test(arguments: ["svg", "mermaid", "dot"]) func `dual stack`(_ format: String) async throws {
    let result = try await Program.ask("graph", "--format", format, "--service", "examples/both")
    let note = "note: IPv4; the Service has IPv6 rules as well, which --ip-family ipv6 draws\n"
    #expect(result.output.contains("10.10.1.18"))
    #expect(result.output.contains("fd00:10:10:1::18") == (format == "dot"))
    #expect(result.errors.contains(note) == (format != "dot"))
    let other = try await Program.ask(
      "graph", "--format", format, "--service", "examples/both", "--ip-family", "ipv6")
    #expect(other.output.contains("fd00:10:10:1::18"))
    #expect(!other.errors.contains("note: IPv"))
  }

  /// A picture of that many could not be read.
  @Test func `more Services than a picture holds`() async throws {
    let services = (0..<301).map {
      """
      apiVersion: v1
      kind: Service
      metadata: {name: s\($0), namespace: many}
      spec: {clusterIP: 10.96.\($0 / 200).\($0 % 200 + 1), ports: [{port: 80}]}
      """
    }
    let folder = try ScratchFolder()
    let file = try folder.write(services.joined(separator: "\n---\n"), to: "many.yaml")
    let question = ["graph", "--manifests", file, "--hostname-override", "worker-a"]
    let result = try await Program.run(question)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("301 Services are too many for one picture (300 at most)"))
    #expect(result.errors.contains("--service NAMESPACE/NAME, which may be repeated, or take --format dot"))
    let one = try await Program.run(question + ["--service", "many/s7"])
    #expect(one.status == 0)
    #expect(one.output.hasPrefix("<svg "))
    #expect(try await Program.run(question + ["--format", "dot"]).status == 0)
  }

  @Test func `the same picture each time`() async throws {
    let one = try await Program.ask("graph")
    let other = try await Program.ask("graph")
    #expect(one.output == other.output)
  }

  @Test(arguments: [("examples/nobody", Int32(2)), ("nobody", 64)])
  func `a Service that is not there`(_ name: String, _ status: Int32) async throws {
    #expect(try await Program.ask("graph", "--service", name).status == status)
  }
}
