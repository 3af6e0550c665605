import ArgumentParser
import Inspection
import ServiceModel

/// Draws the chains.
struct GraphCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draw the chains: hooks, dispatch, Services, endpoints.",
    usage: """
      swift-kube-proxy graph --manifests PATH [--service NAMESPACE/NAME] [--format svg] > rules.svg
      swift-kube-proxy graph --kernel --format mermaid
      """,
    discussion: SourceOptions.discussion + """
      \n
      svg needs no other file or program; dot is for Graphviz, mermaid for issues and wikis. svg shows one family: IPv4 \
      where --ip-family says nothing and there is any.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case svg, dot, mermaid }

  @Option(help: ArgumentHelp("What is printed: svg (default), dot or mermaid.", valueName: "format"))
  var format: Format = .svg

  @Option(
    help: ArgumentHelp("Only this Service. May be repeated.", valueName: "namespace/name"),
    completion: .custom { words, _, _ in await ServiceCompletion.names(words) })
  var service: [ServiceArgument] = []

  @OptionGroup(title: "Sources")
  var sources: SourceOptions

  @OptionGroup(visibility: .hidden)
  var proxy: ProxyOptions

  /// More than this make a picture that nobody can read.
  private static let picturedServices = 300

  struct TooMany: Error, CustomStringConvertible {
    let services: Int

    var description: String {
      "\(services) Services are too many for one picture: choose some with --service, or take --format dot"
    }
  }

  func run() async throws { try await InspectionExit.guarded(draw) }

  private func draw() async throws {
    let sources = try await Sources(sources, proxy)
    let wanted = service.isEmpty ? nil : Set(service.map(\.name))
    var graphs: [ChainGraph] = []
    for family in sources.families { graphs.append(ChainGraph(try sources.scene(family), services: wanted)) }
    if let wanted {
      let found = Set(graphs.flatMap(\.services))
      if let missing = wanted.subtracting(found).min() { throw ExplainError.noSuchService(missing) }
    }
    let filled = graphs.filter { !$0.nodes.isEmpty }
    guard let first = filled.first ?? graphs.first else { throw SourceError.none }
    switch format {
    case .svg:
      guard first.services.count <= GraphCommand.picturedServices else { throw TooMany(services: first.services.count) }
      try StandardOutput.write(SVGGraph.text(first))
    case .dot: for graph in filled { try StandardOutput.write(DOTGraph.text(graph)) }
    case .mermaid: for graph in filled { try StandardOutput.write(MermaidGraph.text(graph)) }
    }
  }
}

/// `namespace/name`.
struct ServiceArgument: ExpressibleByArgument {
  let name: NamespacedName

  init?(argument: String) {
    guard let label = ServiceLabel(argument), label.port.isEmpty else { return nil }
    name = label.service
  }
}
