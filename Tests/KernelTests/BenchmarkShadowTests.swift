import Foundation
import Lab
import ServiceModel
import Testing

/// `bench --only shadow` on a small cluster.
@Suite(.needsRoot, .timeLimit(.minutes(5)))
struct BenchmarkShadowTests {
  private struct Results: Decodable {
    struct Measurement: Decodable {
      var quantity: String
      var samples: [Double]
    }
    var measurements: [Measurement]
  }

  @Test(arguments: [
    ("nft", ["shadowPart", "shadowPartCPU", "shadowWhole", "shadowWholeCPU"]),
    // The kernel returns only whole tables.
    ("legacy", ["shadowWhole", "shadowWholeCPU"]),
  ])
  func `each kind of comparison that the backend allows is measured`(_ backend: String, _ quantities: [String])
    async throws
  {
    let output = try await Command([
      Program.path, "bench", "--services", "20", "--endpoints", "3", "--backend", backend, "--only", "shadow",
      "--output", "json",
    ]).run()
    let results = try JSONDecoder().decode(Results.self, from: Data(output.utf8))
    #expect(results.measurements.map(\.quantity).sorted() == quantities)
    #expect(results.measurements.allSatisfy { $0.samples.count == 1 && $0.samples[0] > 0 })
  }
}
