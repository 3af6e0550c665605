extension APIServerConnection {
  /// The connection that a pod's service account gives: address from the environment, token and CA from the files that
  /// kubelet keeps fresh.
  /// - Parameter environment: of the process; KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are looked for.
  /// - Returns: nil outside of a cluster.
  public static func inCluster(
    environment: [String: String], directory: String = "/var/run/secrets/kubernetes.io/serviceaccount"
  ) -> APIServerConnection? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
      !host.isEmpty, !port.isEmpty
    else { return nil }
    let bracketed = host.contains(":") ? "[\(host)]" : host
    return APIServerConnection(
      server: "https://\(bracketed):\(port)", certificateAuthority: .file(path: "\(directory)/ca.crt"),
      credential: .tokenFile(path: "\(directory)/token"))
  }
}
