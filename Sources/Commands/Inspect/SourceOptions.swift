import ArgumentParser
import Planner
import ServiceModel

/// Which rules, and which cluster, a command looks at.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take Services, EndpointSlices and Nodes from a file or a directory of YAML or JSON; '-' is standard input.",
      valueName: "path"), completion: .file())
  var manifests: String?

  @Flag(help: "Read the rules in this host's kernel. Needs root.")
  var kernel = false

  @Option(
    help: ArgumentHelp(
      "Read the rules from a file: output of iptables-save, of ip6tables-save, or of both.", valueName: "file"),
    completion: .file())
  var rules: String?

  @Option(help: ArgumentHelp("Only this family. Default: dual.", valueName: "family"))
  var ipFamily: FamilyChoice?

  @Option(
    help: ArgumentHelp(
      "An address of the node, instead of those that its Node (with --kernel: this host) has. May be repeated.",
      valueName: "address/length"))
  var interfaceAddress: [AddressWithLength] = []

  @Option(
    help: ArgumentHelp(
      "Assume that the host has or lacks a feature: random-fully, nfacct, conntrack-tcp-liberal, bpf. Default: derived from the rules.",
      valueName: "name=bool"))
  var hostFeature: [RuleFeatureSetting] = []

  static let discussion = """
    Sources: --manifests PATH, or --kubeconfig FILE (or --master URL), give the cluster's objects; --kernel or \
    --rules FILE give rules as they are. Objects alone: the rules are planned from them. All flags of 'run' that \
    configure rules (--config, --cluster-cidr, --masquerade-all, …) are taken; --hostname-override says for which node.
    """

  var families: [IPFamily] { (ipFamily ?? .dual).families }

  func validate() throws {
    try PathFlag.check("--manifests", manifests)
    try PathFlag.check("--rules", rules)
    if kernel && rules != nil { throw ValidationError("--kernel and --rules exclude each other.") }
  }
}
