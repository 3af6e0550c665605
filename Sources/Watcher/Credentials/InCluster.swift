import ServiceModel

extension APIServerConnection {
  /// The connection for a pod's service account. The address comes from the environment. Token and CA come from the
  /// files that the kubelet updates.
  /// - Parameter environment: the environment of the process. KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are
  ///   read.
  /// - Returns: nil outside a cluster.
  package static func inCluster(
    environment: [String: String], directory: String = "/var/run/secrets/kubernetes.io/serviceaccount"
  ) -> APIServerConnection? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
      !host.isEmpty, !port.isEmpty
    else { return nil }
    return APIServerConnection(
      server: "https://\(HostAndPort.bracketed(host)):\(port)",
      certificateAuthority: .file(path: "\(directory)/ca.crt"),
      credential: .tokenFile(path: "\(directory)/token"))
  }
}
