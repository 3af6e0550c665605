import Configuration

extension APIServerConnection {
  /// The connection that a kubeconfig describes.
  /// - Parameter master: the URL of `--master`. It replaces the server of the kubeconfig.
  package init(_ kubeconfig: Kubeconfig, master: String? = nil) {
    let cluster = "of cluster \"\(kubeconfig.cluster)\" in \(kubeconfig.path)"
    let user = "of user \"\(kubeconfig.user)\" in \(kubeconfig.path)"
    self.init(
      server: master ?? kubeconfig.server,
      certificateAuthority: kubeconfig.certificateAuthority.map {
        PEMSource($0, origin: "certificate-authority-data \(cluster)")
      },
      insecureSkipTLSVerify: kubeconfig.insecureSkipTLSVerify, tlsServerName: kubeconfig.tlsServerName,
      proxyURL: kubeconfig.proxyURL, credential: UserCredential(kubeconfig.credential))
    if let certificate = kubeconfig.clientCertificate, let key = kubeconfig.clientKey {
      clientCertificate = ClientCertificate(
        certificate: PEMSource(certificate, origin: "client-certificate-data \(user)"),
        key: PEMSource(key, origin: "client-key-data \(user)"))
    }
  }
}

extension PEMSource {
  fileprivate init(_ pem: Kubeconfig.PEM, origin: String) {
    switch pem {
    case .data(let bytes): self = .data(bytes, origin: origin)
    case .file(let path): self = .file(path: path)
    }
  }
}

extension UserCredential {
  fileprivate init(_ credential: Kubeconfig.Credential) {
    switch credential {
    case .none: self = .none
    case .token(let token): self = .token(token)
    case .tokenFile(let path): self = .tokenFile(path: path)
    case .basic(let user, let password): self = .basic(user: user, password: password)
    case .exec(let exec):
      self = .exec(
        ExecPlugin(
          apiVersion: exec.apiVersion, command: exec.command, arguments: exec.arguments,
          environment: exec.environment, installHint: exec.installHint,
          provideClusterInfo: exec.provideClusterInfo))
    }
  }
}
