/// PEM text, given inline or in a file that may be replaced while the program runs.
package enum PEMSource: Sendable, Hashable {
  /// `origin` is the origin of the text, for messages: `certificate-authority-data of cluster "kind"`.
  case data([UInt8], origin: String)
  case file(path: String)

  /// How messages name the source.
  package var description: String {
    switch self {
    case .data(_, let origin): origin
    case .file(let path): path
    }
  }
}

/// A client's certificate with its private key.
package struct ClientCertificate: Sendable, Hashable {
  package var certificate: PEMSource
  package var key: PEMSource

  package init(certificate: PEMSource, key: PEMSource) {
    self.certificate = certificate
    self.key = key
  }
}

/// A credential plugin (kubeconfig `users[].user.exec`, client.authentication.k8s.io).
package struct ExecPlugin: Sendable, Hashable {
  /// `client.authentication.k8s.io/v1` or `v1beta1`.
  package var apiVersion: String
  /// A name that is searched in PATH, or a path. Relative paths are already resolved against the kubeconfig's
  /// directory.
  package var command: String
  package var arguments: [String]
  /// Added to the environment of the proxy.
  package var environment: [String: String]
  /// Shown if the command does not exist.
  package var installHint: String
  /// Whether KUBERNETES_EXEC_INFO contains the cluster's address and CA.
  package var provideClusterInfo: Bool

  package init(
    apiVersion: String = "client.authentication.k8s.io/v1", command: String, arguments: [String] = [],
    environment: [String: String] = [:], installHint: String = "", provideClusterInfo: Bool = false
  ) {
    self.apiVersion = apiVersion
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.installHint = installHint
    self.provideClusterInfo = provideClusterInfo
  }
}

/// How the proxy authenticates, besides a client certificate.
package enum UserCredential: Sendable, Hashable {
  case none
  case token(String)
  /// The file is read again when it changes.
  case tokenFile(path: String)
  case basic(user: String, password: String)
  case exec(ExecPlugin)
}

/// An API server and how to connect to it. The settings come from a kubeconfig, a service account or `--master`.
package struct APIServerConnection: Sendable, Hashable {
  /// `https://host:port` or `https://[address]:port`, optionally with a path in front of `/api`. No slash at the end.
  package var server: String
  /// The trusted certificate authority. nil: the system's certificate authorities.
  package var certificateAuthority: PEMSource?
  package var insecureSkipTLSVerify: Bool
  /// The server name to send and to verify in TLS, instead of the URL's host.
  package var tlsServerName: String?
  /// `http://`, `https://` or `socks5://`. nil: the environment decides (HTTPS_PROXY, NO_PROXY).
  package var proxyURL: String?
  package var clientCertificate: ClientCertificate?
  package var credential: UserCredential

  package init(
    server: String, certificateAuthority: PEMSource? = nil, insecureSkipTLSVerify: Bool = false,
    tlsServerName: String? = nil, proxyURL: String? = nil, clientCertificate: ClientCertificate? = nil,
    credential: UserCredential = .none
  ) {
    self.server = server
    self.certificateAuthority = certificateAuthority
    self.insecureSkipTLSVerify = insecureSkipTLSVerify
    self.tlsServerName = tlsServerName
    self.proxyURL = proxyURL
    self.clientCertificate = clientCertificate
    self.credential = credential
  }
}
