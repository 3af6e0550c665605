import ArgumentParser
import KubeProxy
import Planner

/// Flags that kube-proxy does not have.
struct ExtensionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The blocks that cluster IPs come from. Traffic to those that no Service has is rejected at once.",
      valueName: "cidr[,cidr]"))
  var serviceSubnet: CIDRList?

  @Option(
    help: ArgumentHelp("Leave Services' externalIPs out (CVE-2020-8554).", valueName: "bool"))
  var ignoreExternalIps: FlagBool?

  @Option(
    help: ArgumentHelp(
      "How dispatch chains are laid out: auto splits long ones by address.",
      valueName: "layout"))
  var dispatch: DispatchMode = .auto

  @Option(
    help: ArgumentHelp(
      "Which iptables to use: auto takes the one that the host's other programs use.", valueName: "backend"))
  var iptablesBackend: BackendChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Cut established TCP connections to endpoints that are gone. This breaks connections that are finishing in order.",
      valueName: "bool"))
  var conntrackFlushTcp: FlagBool?

  var settings: ExtraSettings {
    ExtraSettings(dispatch: dispatch, ignoreExternalIPs: ignoreExternalIps?.value ?? false)
  }
}

enum BackendChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case nft
  case legacy
}

extension DispatchMode: ExpressibleByArgument {}
