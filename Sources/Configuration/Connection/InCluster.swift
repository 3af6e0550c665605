import ServiceModel

extension APIServerConnection {
  /// The connection for a pod's service account. The address comes from the environment. Token and CA come from the
  /// files that the kubelet updates.
  /// - Parameter variable: a variable of the process's environment; nil if it is not set.
  /// - Returns: nil outside a cluster.
  package static func inCluster(
    directory: String = "/var/run/secrets/kubernetes.io/serviceaccount",
    variable: (String) -> String?
  ) -> APIServerConnection? {
    guard let host = variable("KUBERNETES_SERVICE_HOST"), let port = variable("KUBERNETES_SERVICE_PORT"),
      !host.isEmpty, !port.isEmpty
    else { return nil }
    return APIServerConnection(
      server: "https://\(HostAndPort.bracketed(host)):\(port)",
      certificateAuthority: .file(path: "\(directory)/ca.crt"),
      credential: .tokenFile(path: "\(directory)/token"))
  }
}
