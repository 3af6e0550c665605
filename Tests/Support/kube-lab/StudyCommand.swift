import ArgumentParser
import Foundation
import Lab
import StudyCluster

struct StudyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study", abstract: "The study cluster: one control plane, three workers, an API server; and a shell.",
    discussion: "Commands may come from standard input as well.")

  @Option(help: "The program to run on the nodes.") var proxy: String
  @Option(help: "The folder of manifests.") var manifests: String = "manifests"

  func run() async throws {
    guard geteuid() == 0 else { throw ValidationError("network namespaces need root") }
    try await StudyCluster.with(program: proxy, manifests: URL(filePath: manifests)) { cluster in
      // At a terminal, SIGINT is for the programs in the shell.
      signal(SIGINT, SIG_IGN)
      try onInterruption(by: [SIGTERM, SIGHUP]) { signal in
        try? cluster.removeNow()
        Foundation.exit(128 + signal)
      }
      try await use(cluster)
    }
  }

  private func use(_ cluster: StudyCluster) async throws {
    _ = try await cluster.startProxies()
    cluster.followObjects { print("not read: \($0)") }
    let shell = try StudyShell(cluster, proxy: proxy)
    shell.greet()
    try await shell.run()
  }
}
