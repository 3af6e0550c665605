import Applier
import ArgumentParser
import KubeProxy
import Planner

/// Flags that kube-proxy does not have.
struct ExtensionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The blocks that cluster IPs come from; auto reads and follows the cluster's ServiceCIDR objects. "
        + "Traffic to a cluster IP that no Service has is rejected.",
      valueName: "cidr[,cidr]|auto"))
  var serviceSubnet: ServiceSubnetFlag?

  @Option(
    help: ArgumentHelp("Ignore Services' externalIPs (CVE-2020-8554).", valueName: "bool"))
  var ignoreExternalIps: FlagBool?

  @Option(
    help: ArgumentHelp(
      "How chains are laid out: flat as kube-proxy does, indexed as trees, auto (default) as trees if flat chains would be "
        + "long. A dry run shows flat ones by default.", valueName: "layout"))
  var dispatch: DispatchMode?

  @Option(
    help: ArgumentHelp(
      "The rules for endpoints: chains as kube-proxy writes them, compact with one rule for each, auto (default) compact "
        + "where a family has more than 1,000 endpoints. Compact rules need the kernel's bpf match. A dry run shows "
        + "chains by default.", valueName: "form"))
  var endpointRules: EndpointRuleMode?

  @Option(
    help: ArgumentHelp(
      "Which iptables to use: auto takes the one that the host's other programs use.", valueName: "backend"))
  var iptablesBackend: BackendSetting = .auto

  @Option(
    help: ArgumentHelp(
      "Cut established TCP connections to endpoints that are gone. This also breaks connections that close normally.",
      valueName: "bool"))
  var conntrackFlushTcp: FlagBool?

  /// - Parameters:
  ///   - dispatch: the layout if no flag sets it.
  ///   - endpointRules: the form of rules for endpoints if no flag sets it.
  func settings(
    dispatch standardDispatch: DispatchMode, endpointRules standardRules: EndpointRuleMode
  ) -> ExtraSettings {
    ExtraSettings(
      dispatch: dispatch ?? standardDispatch, endpointRules: endpointRules ?? standardRules,
      ignoreExternalIPs: ignoreExternalIps?.value ?? false)
  }
}

extension BackendSetting: ExpressibleByArgument {}

extension DispatchMode: ExpressibleByArgument {}

extension EndpointRuleMode: ExpressibleByArgument {}
