import ArgumentParser
import Configuration
import KubernetesAPI
import Time

/// Flags that decide what the rules look like.
struct RuleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The proxy mode; only iptables is supported.", valueName: "mode"))
  var proxyMode: String?

  @Option(
    help: ArgumentHelp(
      "The pods' addresses; for dual stack two blocks. Mode ClusterCIDR treats these as local.",
      valueName: "cidr[,cidr]"))
  var clusterCidr: String?

  @Option(
    help: ArgumentHelp(
      "How local pods are recognised: ClusterCIDR (default), NodeCIDR, BridgeInterface or InterfaceNamePrefix.",
      valueName: "mode"))
  var detectLocalMode: String?

  @Option(help: ArgumentHelp("The bridge of mode BridgeInterface.", valueName: "interface"))
  var podBridgeInterface: String?

  @Option(help: ArgumentHelp("The prefix of pods' interface names in mode InterfaceNamePrefix.", valueName: "prefix"))
  var podInterfaceNamePrefix: String?

  @Option(
    help: ArgumentHelp(
      "Node addresses that take node ports: CIDRs, or 'primary' for the Node's own. Default: all local addresses.",
      valueName: "cidr,…"))
  var nodeportAddresses: [TextList] = []

  @Option(
    help: ArgumentHelp("Masquerade all traffic to cluster IPs.", valueName: "bool"))
  var masqueradeAll: FlagBool?

  @Option(help: ArgumentHelp("The bit of the packet mark that asks for masquerading. Default: 14.", valueName: "0-31"))
  var iptablesMasqueradeBit: Int?

  @Option(
    help: ArgumentHelp("Whether node ports answer on 127.0.0.1. Default: true.", valueName: "bool"))
  var iptablesLocalhostNodeports: FlagBool?

  @Option(
    help: ArgumentHelp(
      "The longest wait before a failed sync is retried, and the interval for checking legacy tables. Default: 30s.",
      valueName: "duration"), transform: GoDuration.flag)
  var iptablesSyncPeriod: GoDuration?

  @Option(
    help: ArgumentHelp(
      "The least time between two syncs while changes keep coming; 0 for none. Default: 1s.", valueName: "duration"),
    transform: GoDuration.flag)
  var iptablesMinSyncPeriod: GoDuration?

  func apply(to flags: inout FlagApplication) {
    // kube-proxy takes an empty mode for the default.
    flags.set("proxy-mode", proxyMode.flatMap { $0.isEmpty ? nil : $0 }, "mode", \.mode)
    flags.set("cluster-cidr", clusterCidr, "clusterCIDR", \.clusterCIDR)
    flags.set(
      "detect-local-mode", detectLocalMode.flatMap { $0.isEmpty ? nil : $0 }, "detectLocalMode", \.detectLocalMode)
    flags.set(
      "pod-bridge-interface", podBridgeInterface, "detectLocal.bridgeInterface", \.detectLocal.bridgeInterface)
    flags.set(
      "pod-interface-name-prefix", podInterfaceNamePrefix, "detectLocal.interfaceNamePrefix",
      \.detectLocal.interfaceNamePrefix)
    let addresses = nodeportAddresses.isEmpty ? nil : nodeportAddresses.flatMap(\.texts)
    flags.set("nodeport-addresses", addresses, "nodePortAddresses", \.nodePortAddresses)
    flags.set("masquerade-all", masqueradeAll?.value, "iptables.masqueradeAll", \.iptables.masqueradeAll)
    flags.set(
      "iptables-masquerade-bit", iptablesMasqueradeBit, "iptables.masqueradeBit", \.iptables.masqueradeBit)
    flags.set(
      "iptables-localhost-nodeports", iptablesLocalhostNodeports?.value, "iptables.localhostNodePorts",
      \.iptables.localhostNodePorts)
    flags.set("iptables-sync-period", iptablesSyncPeriod, "iptables.syncPeriod", \.iptables.syncPeriod)
    flags.set(
      "iptables-min-sync-period", iptablesMinSyncPeriod, "iptables.minSyncPeriod", \.iptables.minSyncPeriod)
  }
}
