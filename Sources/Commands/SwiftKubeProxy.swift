import ArgumentParser
import System
import Telemetry

/// The program and its commands.
struct SwiftKubeProxy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swift-kube-proxy",
    abstract: "A service proxy for Kubernetes nodes: kube-proxy's iptables mode.",
    discussion: """
      Without a command it runs, with kube-proxy's own flags: see 'swift-kube-proxy --help'.
      """,
    version: Version.text,
    subcommands: [RunCommand.self, Bench.self, ExplainCommand.self, DiffCommand.self, GraphCommand.self])
}

/// What the program does when it starts.
package enum EntryPoint {
  /// Runs the command that the arguments name, and ends the process if it fails.
  package static func main() async {
    ProcessMemory.prepare()
    StandardStreams.ensureOpen()
    ChildProcess.keepEnds()
    let commands = Set(SwiftKubeProxy.configuration.subcommands.map { $0._commandName } + ["help"])
    let arguments = Arguments.normalized(Array(CommandLine.arguments.dropFirst()), commands: commands)
    do {
      var command = try await SwiftKubeProxy.asyncParseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      SwiftKubeProxy.exit(withError: error)
    }
  }
}
