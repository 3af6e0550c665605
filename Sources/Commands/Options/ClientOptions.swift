import ArgumentParser
import Configuration
import KubernetesAPI
import Time

/// Flags about the connection to the API server.
struct ClientOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A kubeconfig file. Default: the pod's service account.", valueName: "file"), completion: .file())
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The API server's URL; overrides the kubeconfig's.", valueName: "url"))
  var master: String?

  @Option(
    help: ArgumentHelp("Accepted without effect; a watcher makes a request every few minutes.", visibility: .hidden))
  var kubeApiQps: Double?

  @Option(
    help: ArgumentHelp("Accepted without effect; a watcher makes a request every few minutes.", visibility: .hidden))
  var kubeApiBurst: Int?

  @Option(help: ArgumentHelp("Accepted without effect; the encoding is chosen by the program.", visibility: .hidden))
  var kubeApiContentType: String?

  @Option(
    help: ArgumentHelp("Accepted without effect; changes come as they happen.", visibility: .hidden),
    transform: GoDuration.flag)
  var configSyncPeriod: GoDuration?

  /// Names the flags about the API server that have no effect because manifests are given.
  func warnings(manifests: String?) -> [String] {
    guard manifests != nil else { return [] }
    return [("--kubeconfig", kubeconfig), ("--master", master)].filter { !($0.1 ?? "").isEmpty }.map {
      "\($0.0) has no effect with --manifests: the objects come from the manifests"
    }
  }

  func apply(to flags: inout FlagApplication) {
    flags.set("kubeconfig", kubeconfig, "clientConnection.kubeconfig", \.clientConnection.kubeconfig)
    flags.set("kube-api-qps", kubeApiQps, "clientConnection.qps", \.clientConnection.qps)
    flags.set("kube-api-burst", kubeApiBurst, "clientConnection.burst", \.clientConnection.burst)
    flags.set(
      "kube-api-content-type", kubeApiContentType, "clientConnection.contentType", \.clientConnection.contentType)
    flags.set("config-sync-period", configSyncPeriod, "configSyncPeriod", \.configSyncPeriod)
  }
}
