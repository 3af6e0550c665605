import ArgumentParser
import Glibc
import Lab

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Show two nodes and working Services, then remove everything.")

  @Option(help: "The program to show.") var proxy: String
  @Option(help: "The folder of the demo's manifests.") var manifests: String

  func run() async throws {
    guard geteuid() == 0 else { throw ValidationError("network namespaces need root") }
    try await Lab.with(Demo.layout) { lab in
      try onInterruption { signal in
        try? lab.removeNow()
        Glibc.exit(128 + signal)
      }
      try await Demo(lab: lab, proxy: proxy, manifests: try DemoManifests(copyOf: manifests)).play()
    }
  }
}
