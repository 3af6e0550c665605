import Foundation
import Lab
import Testing

/// `bench --peer` with programs that are at hand: a stand-in of the test suite, and this program itself.
@Suite("A benchmark against another program", .needsRoot, .timeLimit(.minutes(10)))
struct BenchmarkPeerTests {
  private static let standIn = Program.packageRoot.appending(path: "Tests/Support/stand-in-proxy").path

  private struct Results: Decodable {
    struct Measurement: Decodable {
      struct Scenario: Decodable {
        struct Measured: Decodable { var peer: String? }
        var program: Measured
      }
      var scenario: Scenario
      var quantity: String
      var samples: [Double]
    }
    var measurements: [Measurement]
    var notes: [String]

    func samples(_ quantity: String, ofPeer: Bool) -> [Double] {
      measurements.first { $0.quantity == quantity && ($0.scenario.program.peer != nil) == ofPeer }?.samples ?? []
    }

    var quantities: (peer: Set<String>, own: Set<String>) {
      func names(_ ofPeer: Bool) -> Set<String> {
        Set(measurements.filter { ($0.scenario.program.peer != nil) == ofPeer }.map(\.quantity))
      }
      return (names(true), names(false))
    }
  }

  private func bench(_ peer: String, _ more: [String] = []) async throws -> Results {
    let output = try await Command(
      [Program.path, "bench", "--peer", peer, "--peer-rest", "0.1s", "--services", "6", "--endpoints", "2"]
        + ["--repetitions", "1", "--output", "json"] + more
    ).run()
    return try JSONDecoder().decode(Results.self, from: Data(output.utf8))
  }

  @Test(
    arguments: [
      (standIn, []), (Program.path, ["--backend", "legacy", "--family", "ipv6", "--budget", "10m"]),
    ] as [(String, [String])])
  func `both programs are measured alike, with the rules of each change in the kernel`(_ peer: String, _ more: [String])
    async throws
  {
    let results = try await bench(peer, more)
    #expect(results.notes == [])
    #expect(results.quantities.peer == results.quantities.own)
    let times = [
      "programStart", "programAddService", "programReplaceEndpoints", "programRemoveService", "programRollingUpdate",
    ]
    // Only nf_tables counts commits.
    let countsCommits = !more.contains("legacy")
    let others = ["programPeakAllocated", "programPeakResident"] + (countsCommits ? ["programStartCommits"] : [])
    for quantity in times + others {
      for ofPeer in [true, false] {
        let samples = results.samples(quantity, ofPeer: ofPeer)
        #expect(!samples.isEmpty && samples.allSatisfy { $0 > 0 }, "\(quantity)")
      }
    }
    guard countsCommits else { return }
    // Three single changes and three rolling updates, each a commit at least.
    #expect(try #require(results.samples("programChangesCommits", ofPeer: true).first) >= 6)
    #expect(try #require(results.samples("programChangesCommits", ofPeer: false).first) >= 6)
  }

  @Test
  func `a budget that is too short for both programs measures neither, and the report says so`() async throws {
    let results = try await bench(Program.path, ["--budget", "5s"])
    #expect(results.measurements.isEmpty)
    let note = try #require(results.notes.first)
    for words in ["Left out to stay within 5.00 s", "6×2: peer swift-kube-proxy", "6×2: swift-kube-proxy"] {
      #expect(note.contains(words), "\(note)")
    }
  }

  @Test(arguments: [
    (
      standIn, ["--peer-mode", "nftables"],
      ["peer stand-in-proxy (nftables)", "exit status 7", "proxy mode nftables is not supported"]
    ),
    ("/nonexistent/kube-proxy", [], ["peer kube-proxy (iptables)", "No such file or directory"]),
  ])
  func `a peer that cannot run is named with the reason, and this program is still measured`(
    _ peer: String, _ more: [String], _ words: [String]
  ) async throws {
    let results = try await bench(peer, more)
    let note = try #require(results.notes.first)
    for word in words { #expect(note.contains(word), "\(note)") }
    #expect(results.notes.count == 1)
    #expect(results.quantities.peer.isEmpty)
    #expect(results.samples("programStart", ofPeer: false).count == 1)
  }
}
