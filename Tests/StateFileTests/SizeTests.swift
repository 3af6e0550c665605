import ServiceModel
import System
import Testing

@testable import StateFile

/// The figures of docs/edge.md: Services with one port and one slice, whose endpoints are on twelve nodes.
@Suite(.timeLimit(.minutes(5))) struct SizeTests {
  @Test func `the program that measures refuses a family that it does not know`() async throws {
    let folder = try ScratchFolder()
    let end = try await Program([StateWriter.path, "measure", folder.statePath, "IPv4", "1", "1"]).run(
      .init(input: .nothing, output: .nothing, error: .inherited))
    #expect(end.status == .exited(2))
  }

  @Test(arguments: [
    ("ipv4", 10_000, 10, 1_159_231), ("ipv4", 5_000, 50, 1_779_251), ("ipv6", 10_000, 10, 2_479_231),
    ("ipv6", 5_000, 50, 4_839_251),
  ])
  func `a large cluster makes a small file, written in little memory`(
    _ family: String, _ services: Int, _ endpoints: Int, _ bytes: Int
  ) async throws {
    let folder = try ScratchFolder()
    let output = try MemoryFile("output")
    // A process of its own, because tests that run at the same time take memory of this one.
    let end = try await Program([
      StateWriter.path, "measure", folder.statePath, family, "\(services)", "\(endpoints)",
    ]).run(.init(input: .nothing, output: .given(try output.duplicate()), error: .inherited))
    #expect(end.status == .exited(0))
    let words = try output.text().split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(words.count == 2)
    print("\(family) \(services)x\(endpoints): \(words[0]) bytes, \(words[1] / 1024) KiB more memory while writing")
    #expect(words[0] == bytes)
    #expect(words[1] < 2 << 20)
    let state = try folder.file.readAny()
    #expect(state.snapshot.services.count == services)
    #expect(state.snapshot.slices.values.flatMap(\.values).allSatisfy { $0.endpoints.count == endpoints })
  }
}
