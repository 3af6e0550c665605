/// The versions that this program reports.
enum Version {
  static let number = "0.1.0"
  /// The version of kube-proxy whose iptables mode this program implements.
  static let kubeProxy = "1.36"
  static let text = "swift-kube-proxy \(number) (iptables mode of kube-proxy \(kubeProxy))"
}
