import ArgumentParser
import Configuration
import IPTables
import Inspection
import KubernetesAPI
import ServiceModel

/// Compares existing rules with planned rules, or two sources with each other.
struct DiffCommand: AsyncParsableCommand, ProxyFlags {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show how rules differ from what they should be.",
    usage: """
      swift-kube-proxy diff --kernel --manifests PATH
      swift-kube-proxy diff --rules FILE --kubeconfig FILE --config FILE
      swift-kube-proxy diff --manifests PATH --against config:FILE
      """,
    discussion: SourceOptions.discussion + """
      \n
      Without --against, the rules of --kernel or --rules are compared with those planned for the objects. Only the \
      service proxy's chains and the jumps to them are compared. Spelling does not count, and neither does the order \
      of rules that cannot match the same packet.

      Exit status: 0 if nothing differs, 1 if something does, 2 if a source cannot be read.
      """)

  @Option(
    help: ArgumentHelp(
      """
      Compare with this instead: kernel, rules:FILE, manifests:PATH, or config:FILE (the same objects planned with \
      another configuration).
      """, valueName: "source"))
  var against: OtherSource?

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

  func run() async throws { try await InspectionExit.guarded(compare) }

  private func compare() async throws {
    let sources = try await Sources(self.sources, self, needsObjects: against?.needsObjects ?? true)
    let other = try await against?.resolve(self, sources)
    guard sources.rules != nil || other != nil else { throw DiffError.nothingToCompare }
    var reports: [DifferenceReport] = []
    for family in sources.families {
      if let other {
        let first = try sources.rules?[family] ?? sources.planned(family)
        guard let second = try other(family) else {
          StandardError.write("note: \(family.rawValue) was not compared: \(against?.text ?? "") has no rules of it")
          continue
        }
        reports.append(DifferenceReport(from: first, to: second))
      } else if let actual = sources.rules?[family] {
        reports.append(DifferenceReport(from: actual, to: try sources.planned(family)))
      }
    }
    if reports.isEmpty { throw DiffError.nothingInCommon }
    // A plan always has rules of both families.
    if let other, against?.isPlanned == false {
      for family in IPFamily.allCases where !sources.families.contains(family) {
        guard try other(family) != nil else { continue }
        StandardError.write("note: \(family.rawValue) was not compared: \(sources.name) has no rules of it")
      }
    }
    let sides = against.map { DifferenceText.Sides(actual: sources.name, expected: $0.text) } ?? DifferenceText.Sides()
    try output.print(reports.map(DifferenceDocument.init)) {
      reports.map { DifferenceText($0, sides: sides, style: output.style, isVerbose: output.verbose).text }
        .joined(separator: "\n")
    }
    if reports.contains(where: { !$0.isEmpty }) { throw InspectionExit.negative }
  }
}

enum DiffError: Error, CustomStringConvertible {
  case nothingToCompare
  case nothingInCommon

  var description: String {
    switch self {
    case .nothingToCompare: "rules to compare are needed: --kernel, --rules FILE, or --against SOURCE"
    case .nothingInCommon: "the two sources have no IP family in common (is a file empty?), so nothing was compared"
    }
  }
}

/// The other side of the comparison, from `--against`.
enum OtherSource: ExpressibleByArgument {
  case kernel
  case rules(String)
  case manifests(String)
  case config(String)

  init?(argument: String) {
    if argument == "kernel" {
      self = .kernel
      return
    }
    let halves = argument.split(separator: ":", maxSplits: 1).map(String.init)
    guard halves.count == 2 else { return nil }
    switch halves[0] {
    case "rules": self = .rules(halves[1])
    case "manifests": self = .manifests(halves[1])
    case "config": self = .config(halves[1])
    default: return nil
    }
  }

  /// The name of its side in the output.
  var text: String {
    switch self {
    case .kernel: "kernel"
    case .rules(let path), .manifests(let path), .config(let path):
      path.split(separator: "/").last.map(String.init) ?? path
    }
  }

  var isPlanned: Bool {
    switch self {
    case .kernel, .rules: false
    case .manifests, .config: true
    }
  }

  /// Whether this side is a plan for the command's own objects.
  var needsObjects: Bool {
    if case .config = self { true } else { false }
  }

  /// The rules of a family; nil if the source has none of it.
  func resolve(_ proxy: any ProxyFlags, _ sources: Sources) async throws -> (IPFamily) throws -> RuleSet? {
    switch self {
    case .kernel:
      let rules = try await Sources.kernelRules(sources.families, proxy)
      return { rules[$0] }
    case .rules(let path):
      let rules = try Sources.dump(path)
      return { rules[$0] }
    case .manifests(let path):
      let snapshot = try Sources.manifests(path)
      return { try sources.planned($0, snapshot: snapshot) }
    case .config(let path):
      var proxy = proxy
      proxy.file.config = path
      let configuration = try Sources.configuration(proxy, nodeName: sources.configuration.nodeName)
      return { try sources.planned($0, configuration: configuration) }
    }
  }
}
