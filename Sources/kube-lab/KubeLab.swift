import ArgumentParser

/// Shows the proxy at work in network namespaces on this machine. No part of the image.
@main
struct KubeLab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kube-lab", abstract: "A kind-like cluster in network namespaces on this machine. Needs root.",
    subcommands: [DemoCommand.self, StudyCommand.self, SoakCommand.self])
}
