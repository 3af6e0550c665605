import ArgumentParser
import Inspection
import ServiceModel

/// Draws the chains.
struct GraphCommand: AsyncParsableCommand, ProxyFlags {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draw the chains: hooks, dispatch, Services, endpoints.",
    usage: """
      swift-kube-proxy graph --manifests PATH [--service NAMESPACE/NAME] [--format svg] > rules.svg
      swift-kube-proxy graph --kernel --format mermaid
      """,
    discussion: SourceOptions.discussion + """
      \n
      svg needs no other file or program; dot is for Graphviz, mermaid for issues and wikis. svg and mermaid show one \
      family, IPv4 by default if it has rules; if the other family has rules too, a note on standard \
      error says so. dot prints a graph for each. svg draws up to 300 Services.

      Exit status: 0 if a graph was printed, 2 if not.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case svg, dot, mermaid }

  @Option(help: ArgumentHelp("The output format: svg (default), dot or mermaid.", valueName: "format"))
  var format: Format = .svg

  @Option(
    help: ArgumentHelp("Only this Service. May be repeated.", valueName: "namespace/name"),
    completion: .custom { words, _, _ in await ServiceCompletion.services(words) })
  var service: [ServiceArgument] = []

  @OptionGroup(title: "Sources")
  var sources: SourceOptions

  @OptionGroup(title: "Configuration", visibility: .hidden) var file: ConfigurationFileOptions
  @OptionGroup(title: "Node and servers", visibility: .hidden) var node: NodeOptions
  @OptionGroup(title: "Rules", visibility: .hidden) var rules: RuleOptions
  @OptionGroup(title: "Beyond kube-proxy", visibility: .hidden) var extensions: ExtensionOptions
  @OptionGroup(title: "API server", visibility: .hidden) var client: ClientOptions
  @OptionGroup(title: "Connection tracking", visibility: .hidden) var conntrack: ConntrackOptions
  @OptionGroup(title: "Logging", visibility: .hidden) var logging: LoggingOptions
  @OptionGroup(visibility: .hidden) var foreign: ForeignOptions

  /// The picture is refused above this number, as it would be too large to read.
  fileprivate static let picturedServices = 300

  struct TooMany: Error, CustomStringConvertible {
    let services: Int

    var description: String {
      "\(services) Services are too many for one picture (\(GraphCommand.picturedServices) at most): choose some with "
        + "--service NAMESPACE/NAME, which may be repeated, or take --format dot and draw with Graphviz"
    }
  }

  func run() async throws { try await InspectionExit.guarded(draw) }

  private func draw() async throws {
    let sources = try await Sources(sources, self)
    let wanted = service.isEmpty ? nil : Set(service.map(\.name))
    var graphs: [ChainGraph] = []
    for family in sources.families { graphs.append(ChainGraph(try sources.scene(family), services: wanted)) }
    if let wanted {
      let found = Set(graphs.flatMap(\.services))
      if let missing = wanted.subtracting(found).min() { throw ExplainError.noSuchService(missing) }
    }
    let filled = graphs.filter { !$0.nodes.isEmpty }
    guard let first = filled.first ?? graphs.first else { throw SourceError.none }
    if format != .dot, let other = filled.dropFirst().first { note(first, other) }
    switch format {
    case .svg:
      guard first.services.count <= GraphCommand.picturedServices else { throw TooMany(services: first.services.count) }
      try StandardOutput.write(SVGGraph.text(first))
    case .dot: for graph in filled.isEmpty ? [first] : filled { try StandardOutput.write(DOTGraph.text(graph)) }
    case .mermaid: try StandardOutput.write(MermaidGraph.text(first))
    }
  }

  /// A picture shows one family. For a dual-stack Service a note says so.
  private func note(_ drawn: ChainGraph, _ other: ChainGraph) {
    let both = Set(drawn.services).intersection(other.services).count
    let whose = service.count == 1 ? "the Service has" : both == 1 ? "one Service has" : "\(both) Services have"
    StandardError.write(
      "note: \(drawn.family.rawValue); \(both == 0 ? "there are" : whose) \(other.family.rawValue) rules as well, which "
        + "--ip-family \(other.family.rawValue.lowercased()) draws")
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
