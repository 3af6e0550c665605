import ArgumentParser
import Configuration
import KubernetesAPI
import Time

/// Flags that become sysctls of connection tracking.
struct ConntrackOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Maximum conntrack entries for each CPU core; 0 keeps the host's limit. It is never lowered. Default: 32768.",
      valueName: "number"))
  var conntrackMaxPerCore: Int?

  @Option(
    help: ArgumentHelp(
      "The smallest limit of conntrack entries, on any number of cores. Default: 131072.", valueName: "number"))
  var conntrackMin: Int?

  @Option(
    help: ArgumentHelp(
      "Timeout of idle TCP connections; 0 keeps the host's value. Default: 24h.", valueName: "duration"),
    transform: GoDuration.flag)
  var conntrackTcpTimeoutEstablished: GoDuration?

  @Option(
    help: ArgumentHelp(
      "Timeout of half-closed TCP connections (CLOSE_WAIT); 0 keeps the host's value. Default: 1h.",
      valueName: "duration"),
    transform: GoDuration.flag)
  var conntrackTcpTimeoutCloseWait: GoDuration?

  @Option(
    help: ArgumentHelp(
      "Treat packets outside the TCP window as valid (nf_conntrack_tcp_be_liberal).", valueName: "bool"))
  var conntrackTcpBeLiberal: FlagBool?

  @Option(
    help: ArgumentHelp(
      "Timeout of unanswered UDP flows; 0 (default) keeps the host's value.", valueName: "duration"),
    transform: GoDuration.flag)
  var conntrackUdpTimeout: GoDuration?

  @Option(
    help: ArgumentHelp(
      "Timeout of answered UDP flows; 0 (default) keeps the host's value.", valueName: "duration"),
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
