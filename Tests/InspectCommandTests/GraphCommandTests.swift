import Lab
import Testing

@Suite struct GraphCommandTests {
  @Test(arguments: [("svg", "<svg "), ("dot", "digraph"), ("mermaid", "flowchart LR")])
  func formats(_ format: String, _ start: String) async throws {
    let result = try await Program.ask("graph", "--format", format, "--service", "examples/shop")
    #expect(result.status == 0)
    #expect(result.output.hasPrefix(start))
    #expect(result.output.contains("10.10.2.11:8080"))
    #expect(!result.output.contains("examples/public"))
  }

  @Test func theSamePictureEachTime() async throws {
    let one = try await Program.ask("graph")
    let other = try await Program.ask("graph")
    #expect(one.output == other.output)
  }

  @Test(arguments: [("examples/nobody", Int32(2)), ("nobody", 64)])
  func aServiceThatIsNotThere(_ name: String, _ status: Int32) async throws {
    #expect(try await Program.ask("graph", "--service", name).status == status)
  }
}
