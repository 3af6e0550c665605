import ArgumentParser
import KubernetesAPI

/// Flags about the connection to the API server.
struct ClientOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A kubeconfig file. Default: the pod's service account.", valueName: "file"), completion: .file())
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The API server's URL; goes before the kubeconfig's.", valueName: "url"))
  var master: String?

  @Option(help: ArgumentHelp("Requests per second to the API server. Default: 5.", valueName: "number"))
  var kubeApiQps: Double?

  @Option(help: ArgumentHelp("Requests at once to the API server. Default: 10.", valueName: "number"))
  var kubeApiBurst: Int?

  @Option(help: ArgumentHelp("Accepted; the encoding is chosen by the program.", visibility: .hidden))
  var kubeApiContentType: String?

  @Option(
    help: ArgumentHelp("How often the watcher's view is compared with a list. Default: 15m.", valueName: "duration"))
  var configSyncPeriod: GoDuration?

  func apply(to flags: inout FlagApplication) {
    flags.set("kubeconfig", kubeconfig, "clientConnection.kubeconfig", \.clientConnection.kubeconfig)
    flags.set("kube-api-qps", kubeApiQps, "clientConnection.qps", \.clientConnection.qps)
    flags.set("kube-api-burst", kubeApiBurst, "clientConnection.burst", \.clientConnection.burst)
    flags.set(
      "kube-api-content-type", kubeApiContentType, "clientConnection.contentType", \.clientConnection.contentType)
    flags.set("config-sync-period", configSyncPeriod, "configSyncPeriod", \.configSyncPeriod)
  }
}
