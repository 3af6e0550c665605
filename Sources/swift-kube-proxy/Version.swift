/// What this program says it is.
enum Version {
  static let number = "0.1.0"
  /// The kube-proxy whose iptables mode this is.
  static let kubeProxy = "1.36"
  static let text = "swift-kube-proxy \(number) (iptables mode of kube-proxy \(kubeProxy))"
}
