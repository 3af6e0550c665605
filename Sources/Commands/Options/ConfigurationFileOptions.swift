import ArgumentParser
import Configuration

/// The configuration file.
struct ConfigurationFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A KubeProxyConfiguration, possibly with a kubeadm ClusterConfiguration. As with kube-proxy, flags for settings \
      of the file are then ignored, except --hostname-override and the logging flags. The process ends when the file \
      changes.
      """, valueName: "file"), completion: .file())
  var config: String?

  func validate() throws { try PathFlag.check("--config", config) }
}
