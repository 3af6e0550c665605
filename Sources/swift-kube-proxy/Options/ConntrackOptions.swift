import ArgumentParser
import KubernetesAPI

/// Flags that become sysctls of connection tracking.
struct ConntrackOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Entries for each CPU core; 0 leaves the limit alone. It is never lowered. Default: 32768.",
      valueName: "number"))
  var conntrackMaxPerCore: Int?

  @Option(help: ArgumentHelp("Entries at least, however few the cores. Default: 131072.", valueName: "number"))
  var conntrackMin: Int?

  @Option(
    help: ArgumentHelp(
      "When idle TCP connections are forgotten; 0 leaves it alone. Default: 24h.", valueName: "duration"),
    transform: GoDuration.flag)
  var conntrackTcpTimeoutEstablished: GoDuration?

  @Option(
    help: ArgumentHelp(
      "The same for half-closed ones (CLOSE_WAIT); 0 leaves it alone. Default: 1h.", valueName: "duration"),
    transform: GoDuration.flag)
  var conntrackTcpTimeoutCloseWait: GoDuration?

  @Option(
    help: ArgumentHelp(
      "Take packets outside the TCP window for valid (nf_conntrack_tcp_be_liberal).", valueName: "bool"))
  var conntrackTcpBeLiberal: FlagBool?

  @Option(
    help: ArgumentHelp(
      "When unanswered UDP flows are forgotten; 0, the default, leaves it alone.", valueName: "duration"),
    transform: GoDuration.flag)
  var conntrackUdpTimeout: GoDuration?

  @Option(
    help: ArgumentHelp(
      "When answered UDP flows are forgotten; 0, the default, leaves it alone.", valueName: "duration"),
    transform: GoDuration.flag)
  var conntrackUdpTimeoutStream: GoDuration?

  func apply(to flags: inout FlagApplication) {
    flags.set("conntrack-max-per-core", conntrackMaxPerCore, "conntrack.maxPerCore", \.conntrack.maxPerCore)
    flags.set("conntrack-min", conntrackMin, "conntrack.min", \.conntrack.min)
    flags.set(
      "conntrack-tcp-timeout-established", conntrackTcpTimeoutEstablished, "conntrack.tcpEstablishedTimeout",
      \.conntrack.tcpEstablishedTimeout)
    flags.set(
      "conntrack-tcp-timeout-close-wait", conntrackTcpTimeoutCloseWait, "conntrack.tcpCloseWaitTimeout",
      \.conntrack.tcpCloseWaitTimeout)
    flags.set(
      "conntrack-tcp-be-liberal", conntrackTcpBeLiberal?.value, "conntrack.tcpBeLiberal", \.conntrack.tcpBeLiberal)
    flags.set("conntrack-udp-timeout", conntrackUdpTimeout, "conntrack.udpTimeout", \.conntrack.udpTimeout)
    flags.set(
      "conntrack-udp-timeout-stream", conntrackUdpTimeoutStream, "conntrack.udpStreamTimeout",
      \.conntrack.udpStreamTimeout)
  }
}
