import ArgumentParser
import Inspection
import ServiceModel

/// Explains a packet's path through the rules.
struct ExplainCommand: AsyncParsableCommand, ProxyFlags {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show where packets to an address or a Service go, and why.",
    usage: """
      swift-kube-proxy explain --manifests PATH [--from WHO] --to ADDRESS:PORT[/PROTOCOL]
      swift-kube-proxy explain --kernel --to service NAMESPACE/NAME[:PORT] [--all]
      """,
    discussion: SourceOptions.discussion + """
      \n
      Exit status: 0 if packets arrive, or are for no Service and stay unchanged; 1 if some are refused or dropped, or \
      are for a Service that no rule leads them to; 2 if the answer is not known.
      """)

  @Option(
    help: ArgumentHelp(
      "The sender: an address, 'pod' (some pod of this node), 'outside', or 'host' (this node itself). "
        + "Default: pod, or host if the addresses of pods are not known.",
      valueName: "who"), completion: .list(["pod", "outside", "host"]))
  var from: Vantage?

  @Option(
    help: ArgumentHelp(
      "The destination: ADDRESS:PORT, with /udp or /sctp if not TCP; or the word 'service' and NAMESPACE/NAME[:PORT].",
      valueName: "where"), completion: .custom { words, _, _ in await ServiceCompletion.destinations(words) })
  var to: String

  @Argument(
    help: ArgumentHelp("Which Service, after '--to service'.", valueName: "namespace/name[:port]"),
    completion: .custom { words, _, _ in await ServiceCompletion.afterService(words) })
  var service: String?

  @Flag(help: "Every address of the Service, not only its cluster IP.")
  var all = false

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

  @OptionGroup(title: "Output")
  var output: OutputOptions

  func validate() throws { _ = try destination() }

  private func destination() throws -> PacketDestination {
    do throws(PacketDestination.Unreadable) {
      return try PacketDestination([to] + (service.map { [$0] } ?? []))
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run() async throws { try await InspectionExit.guarded(answer) }

  private func answer() async throws {
    let sources = try await Sources(self.sources, self)
    let answers = try explain(sources, try destination())
    if let subnets = sources.serviceSubnets { StandardError.write("note: service subnet: \(subnets)") }
    // If no address could be explained, the first error is the answer.
    if answers.explanations.isEmpty, let first = answers.unexplained.first { throw first.error }
    let documents =
      answers.explanations.map { Document.explained(ExplanationDocument($0)) }
      + answers.unexplained.map { Document.unexplained(UnexplainedDocument($0)) }
    try output.print(documents) {
      let told = answers.explanations.map {
        ExplanationText($0, style: output.style, isVerbose: output.verbose).text
      }
      return (told + answers.unexplained.map { $0.text(style: output.style) }).joined(separator: "\n")
    }
    let summaries = answers.explanations.map(\.summary)
    if !answers.unexplained.isEmpty || summaries.contains(.undecided) { throw InspectionExit.trouble }
    if summaries.contains(.failing) { throw InspectionExit.negative }
  }

  private enum Document: Encodable {
    case explained(ExplanationDocument)
    case unexplained(UnexplainedDocument)

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .explained(let document): try document.encode(to: encoder)
      case .unexplained(let document): try document.encode(to: encoder)
      }
    }
  }

  /// The sender that the user chose, or else the usual one.
  private func sender(_ scene: Scene) -> Vantage {
    if let from { return from }
    let usual = Vantage.usual(in: scene)
    if usual == .host {
      StandardError.write(
        "note: the addresses of \(scene.family.rawValue) pods are not known, so this node is the sender; "
          + "--from selects another")
    }
    return usual
  }

  private func explain(_ sources: Sources, _ destination: PacketDestination) throws -> ServiceExplanation {
    var answers = ServiceExplanation()
    switch destination {
    case .address(let address, let transport):
      let explainer = Explainer(try sources.scene(address.address.family))
      answers.explanations = [try explainer.explain(from: sender(explainer.scene), to: address, transport)]
    case .service(let name, let port):
      var missing: ExplainError?
      for family in sources.families where from?.family.map({ $0 == family }) ?? true {
        let explainer = Explainer(try sources.scene(family))
        do throws(ExplainError) {
          answers += try explainer.explain(from: sender(explainer.scene), toService: name, port: port, all: all)
        } catch {
          // A Service of one family has no address in the other.
          switch error {
          case .noSuchService, .noClusterIP: missing = error
          default: throw error
          }
        }
      }
      if answers.explanations.isEmpty, answers.unexplained.isEmpty, let missing { throw missing }
    }
    return answers
  }
}
