import ArgumentParser
import Planner
import ServiceModel

/// Flags of a dry run: what to print, and which host to assume.
struct DryRunOptions: ParsableArguments {
  @Flag(help: "Print the rules and change nothing. Needs no root.")
  var dryRun = false

  @Option(help: ArgumentHelp("Which family's rules are printed. Default: dual.", valueName: "family"))
  var ipFamily: FamilyChoice?

  @Option(
    help: ArgumentHelp(
      "What is printed: input for iptables-restore (default), or the same rules, each with its Service.",
      valueName: "format"))
  var output: DryRunFormat?

  @Option(
    help: ArgumentHelp(
      "An address of an interface, instead of this host's own. May be repeated.", valueName: "address/length"))
  var interfaceAddress: [AddressWithLength] = []

  @Option(
    help: ArgumentHelp(
      "Assume that the host has or lacks a feature: random-fully (default true), nfacct (false), conntrack-tcp-liberal (false), bpf (true).",
      valueName: "name=bool"))
  var hostFeature: [RuleFeatureSetting] = []

  var families: [IPFamily] { (ipFamily ?? .dual).families }

  /// The host's features as the flags say.
  var features: RuleFeatures {
    hostFeature.reduce(into: RuleFeatures()) { features, setting in
      features[keyPath: setting.feature.path] = setting.isOn
    }
  }

  func validate() throws {
    guard !dryRun else { return }
    let flags = [
      ("--ip-family", ipFamily != nil), ("--output", output != nil),
      ("--interface-address", !interfaceAddress.isEmpty), ("--host-feature", !hostFeature.isEmpty),
    ]
    for (flag, isGiven) in flags where isGiven { throw ValidationError("\(flag) goes with --dry-run.") }
  }
}

enum FamilyChoice: String, ExpressibleByArgument, CaseIterable {
  case ipv4
  case ipv6
  case dual

  var families: [IPFamily] {
    switch self {
    case .ipv4: [.ipv4]
    case .ipv6: [.ipv6]
    case .dual: [.ipv4, .ipv6]
    }
  }
}

enum DryRunFormat: String, ExpressibleByArgument, CaseIterable {
  case iptables
  case json
}

/// An address of an interface, as in `10.0.0.1/24`. The length of the network must be valid, but is not needed.
struct AddressWithLength: ExpressibleByArgument, Hashable {
  let address: IPAddress

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard CIDR(argument) != nil, let address = IPAddress(parts[0]) else { return nil }
    self.address = address
  }
}

enum RuleFeature: String, CaseIterable {
  case randomFully = "random-fully"
  case accounting = "nfacct"
  case conntrackTCPLiberal = "conntrack-tcp-liberal"
  case bpf

  var path: WritableKeyPath<RuleFeatures, Bool> {
    switch self {
    case .randomFully: \.randomFully
    case .accounting: \.accounting
    case .conntrackTCPLiberal: \.conntrackTCPLiberal
    case .bpf: \.bpf
    }
  }
}

/// `NAME=BOOL`.
struct RuleFeatureSetting: ExpressibleByArgument, Hashable {
  let feature: RuleFeature
  let isOn: Bool

  init?(argument: String) {
    let sides = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard sides.count == 2, let feature = RuleFeature(rawValue: sides[0]), let value = FlagBool(argument: sides[1])
    else { return nil }
    self.feature = feature
    isOn = value.value
  }
}
