import ArgumentParser

/// Shows the proxy at work in network namespaces on this machine. The container image does not contain this program.
@main
struct KubeLab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kube-lab",
    abstract: "A kind-like cluster on this machine, in network namespaces, and what nodes cost its API server.",
    subcommands: [
      DemoCommand.self, StudyCommand.self, SoakCommand.self, WatchersCommand.self, DecodeCommand.self,
      WriteStreamCommand.self,
    ])
}
