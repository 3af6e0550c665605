import ArgumentParser
import Configuration
import KubernetesAPI

/// Flags about the node and the addresses it serves on.
struct NodeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The name of this Node. Default: the host's name, in lower case. Overrides the file's hostnameOverride.",
      valueName: "name"))
  var hostnameOverride: String?

  @Option(
    help: ArgumentHelp(
      "The node's primary address, if not the Node object's. No port is bound to it; 0.0.0.0 or :: sets its family.",
      valueName: "address"))
  var bindAddress: String?

  @Option(
    help: ArgumentHelp(
      "Where /healthz and /livez are served. Empty: nowhere. Default: 0.0.0.0:10256.", valueName: "address:port"))
  var healthzBindAddress: String?

  @Option(
    help: ArgumentHelp(
      "Where /metrics, /statusz, /configz and /proxyMode are served. Empty: nowhere. Default: 127.0.0.1:10249.",
      valueName: "address:port"))
  var metricsBindAddress: String?

  @Option(
    help: ArgumentHelp("End with an error if a port cannot be bound.", valueName: "bool"))
  var bindAddressHardFail: FlagBool?

  @Option(help: ArgumentHelp("Old form of --healthz-bind-address; 0 serves nothing.", visibility: .hidden))
  var healthzPort: Int?

  @Option(help: ArgumentHelp("Old form of --metrics-bind-address; 0 serves nothing.", visibility: .hidden))
  var metricsPort: Int?

  @Option(
    help: ArgumentHelp("Accepted without effect; there are no Go profiles to serve.", visibility: .hidden))
  var profiling: FlagBool?

  @Option(
    help: ArgumentHelp("Accepted without effect; there are no hidden metrics.", visibility: .hidden))
  var showHiddenMetricsForVersion: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The process's oom_score_adj, -1000 to 1000. Default: -999.", valueName: "score"))
  var oomScoreAdj: Int?

  func apply(to flags: inout FlagApplication) {
    flags.set("bind-address", bindAddress, "bindAddress", \.bindAddress)
    flags.set(
      "healthz-bind-address",
      healthzBindAddress.map { NodeOptions.address($0, port: KubeProxyConfiguration.healthzPort) },
      "healthzBindAddress", \.healthzBindAddress)
    flags.set(
      "metrics-bind-address",
      metricsBindAddress.map { NodeOptions.address($0, port: KubeProxyConfiguration.metricsPort) },
      "metricsBindAddress", \.metricsBindAddress)
    flags.set("bind-address-hard-fail", bindAddressHardFail?.value, "bindAddressHardFail", \.bindAddressHardFail)
    flags.set("profiling", profiling?.value, "enableProfiling", \.enableProfiling)
    flags.set(
      "show-hidden-metrics-for-version", showHiddenMetricsForVersion, "showHiddenMetricsForVersion",
      \.showHiddenMetricsForVersion)
    flags.set("oom-score-adj", oomScoreAdj, "oomScoreAdj", \.oomScoreAdj)
    flags.set(
      "healthz-port", healthzPort.map { NodeOptions.address(healthzBindAddress ?? "0.0.0.0", port: $0) },
      "healthzBindAddress", \.healthzBindAddress)
    flags.set(
      "metrics-port", metricsPort.map { NodeOptions.address(metricsBindAddress ?? "127.0.0.1", port: $0) },
      "metricsBindAddress", \.metricsBindAddress)
  }

  /// Port 0 turns the server off. Another port is added to an address that has no port.
  private static func address(_ text: String, port: Int) -> String {
    port == 0 ? "" : KubeProxyConfiguration.address(text, withPort: port)
  }
}
