import ArgumentParser

/// The configuration file.
struct ConfigurationFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A KubeProxyConfiguration, possibly with a kubeadm ClusterConfiguration. As with kube-proxy, flags for what it \
      can say are then left out, except --hostname-override and those of logging. A change of it ends the process.
      """, valueName: "file"), completion: .file())
  var config: String?
}
