import APIServerFixture
import ArgumentParser
import Foundation
import Lab
import ServiceModel

struct SoakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak",
    abstract: "Check that the proxy's memory does not grow and that a shadow beside it reports nothing.",
    discussion: """
      One node with 20 Services with 3 endpoints in both families, and many changes in sequence. Each change comes through an \
      API server and is followed by a sync; none repeats an earlier one. Exit status 1: the memory of the proxy or of the \
      shadow grew beyond the bounds, or the shadow reported a difference although the proxy followed every change.
      """)

  @Option(help: "The program to measure: a release build.") var proxy: String
  @Option(help: "How many changes.") var changes = 20_000
  @Option(help: "The most MB that may be allocated (RssAnon) at any measurement.") var allocatedLimit = 10.0
  @Option(help: "The most MB by which allocated memory may grow after the first 1,000 changes.") var growthLimit = 1.0

  func validate() throws {
    // The table measures growth from one mark to a later one or to the last change.
    guard changes > SoakTable.settled else {
      throw ValidationError("--changes must be more than \(SoakTable.settled), because growth is measured after these")
    }
  }

  func run() async throws {
    guard geteuid() == 0 else { throw ValidationError("network namespaces need root") }
    let table = try await Lab.with(Layout(nodes: [.init("kind-worker")])) { lab in
      try onInterruption { signal in
        try? lab.removeNow()
        Foundation.exit(128 + signal)
      }
      return try await Soak(lab: lab, proxy: proxy).run(changes: changes)
    }
    Screen.text("The shadow compared \(table.comparisons) times. Warnings in its log: \(table.warnings.count).")
    guard let failure = table.failure(allocatedLimit: allocatedLimit, growthLimit: growthLimit) else { return }
    Screen.text(failure)
    throw ExitCode(1)
  }
}
