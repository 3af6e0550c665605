import Configuration
import KubernetesAPI

/// KubeProxyConfiguration files.
extension FuzzReader {
  package static let configuration = FuzzReader("configuration", words: configurationWords) { (bytes) throws(Finding) in
    switch read(bytes) {
    case .success(let file):
      for warning in file.warnings { try checkMessage(warning) }
      var configuration = file.configuration
      try writeAndRead(configuration)
      configuration.applyDefaults()
      try writeAndRead(configuration)
      try checkValues(configuration)
    case .failure(let errors): try checkMessages(errors)
    }
  }

  private static func read(_ bytes: [UInt8]) -> Result<ConfigurationFile, ConfigurationErrors> {
    Result { () throws(ConfigurationErrors) in try ConfigurationFile(bytes, name: OneFile.path) }
  }

  private static func checkMessages(_ errors: ConfigurationErrors) throws(Finding) {
    for error in errors.errors { try checkMessage(error.description) }
  }

  private static func checkValues(_ configuration: KubeProxyConfiguration) throws(Finding) {
    let context = ConfigurationContext(hostname: "node")
    switch Result(catching: { () throws(ConfigurationErrors) in try configuration.checked(in: context) }) {
    case .success(let values):
      try require(values.minSyncPeriod <= values.syncPeriod, "periods of a sync contradict each other")
    case .failure(let errors): try checkMessages(errors)
    }
  }

  /// `--write-config-to` writes a configuration that must read the same.
  private static func writeAndRead(_ configuration: KubeProxyConfiguration) throws(Finding) {
    let text: String
    do throws(ConfigurationErrors) {
      text = try configuration.yaml()
    } catch {
      throw Finding("a configuration cannot be written: \(error.errors.map(\.description))")
    }
    switch read(Array(text.utf8)) {
    case .success(let again):
      // A field that could not be read is written as if it had not been there.
      try require((try? again.configuration.json()) == (try? configuration.json()), "a configuration changes: \(text)")
    case .failure(let errors):
      throw Finding("a written configuration cannot be read: \(errors.errors.map(\.description))")
    }
  }

  private static let configurationWords = [
    "apiVersion: kubeproxy.config.k8s.io/v1alpha1\n", "kind: KubeProxyConfiguration\n", "\n---\n",
    "apiVersion: kubeadm.k8s.io/v1beta4\n", "kind: ClusterConfiguration\n", "networking:\n", "  serviceSubnet: ",
    "  podSubnet: ", "bindAddress: ", "clusterCIDR: ", "mode: iptables\n", "hostnameOverride: ", "featureGates: ",
    "nodePortAddresses: [", "primary", "oomScoreAdj: ", "conntrack:\n", "  maxPerCore: ", "  min: ",
    "  tcpEstablishedTimeout: ", "  udpTimeout: ", "iptables:\n", "  masqueradeBit: ", "  syncPeriod: ",
    "  minSyncPeriod: ", "configSyncPeriod: ", "detectLocalMode: ", "detectLocal:\n", "  bridgeInterface: ",
    "logging:\n",
    "  flushFrequency: ", "  verbosity: ", "clientConnection:\n", "  qps: ", "  burst: ", "healthzBindAddress: ",
    "metricsBindAddress: ", "1h0m0s", "1.5s", "300ms", "-1ns", "9223372036854775807ns", "10.0.0.0/8,fd00::/8", "null",
    "true", "[]", "{}", "3.4e38", "1e39", "-9223372036854775808",
  ]
}
