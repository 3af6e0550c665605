/// PEM text, given inline or in a file that may be replaced while the program runs.
public enum PEMSource: Sendable, Hashable {
  /// `origin` is the origin of the text, for messages: `certificate-authority-data of cluster "kind"`.
  case data([UInt8], origin: String)
  case file(path: String)

  /// How messages name the source.
  public var description: String {
    switch self {
    case .data(_, let origin): origin
    case .file(let path): path
    }
  }
}

/// A client's certificate with its private key.
public struct ClientCertificate: Sendable, Hashable {
  public var certificate: PEMSource
  public var key: PEMSource

  public init(certificate: PEMSource, key: PEMSource) {
    self.certificate = certificate
    self.key = key
  }
}

/// A credential plugin (kubeconfig `users[].user.exec`, client.authentication.k8s.io).
public struct ExecPlugin: Sendable, Hashable {
  /// `client.authentication.k8s.io/v1` or `v1beta1`.
  public var apiVersion: String
  /// A name that is searched in PATH, or a path. Relative paths are already resolved against the kubeconfig's
  /// directory.
  public var command: String
  public var arguments: [String]
  /// Added to the environment of the proxy.
  public var environment: [String: String]
  /// Shown if the command does not exist.
  public var installHint: String
  /// Whether KUBERNETES_EXEC_INFO contains the cluster's address and CA.
  public var provideClusterInfo: Bool

  public init(
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
public enum UserCredential: Sendable, Hashable {
  case none
  case token(String)
  /// The file is read again when it changes.
  case tokenFile(path: String)
  case basic(user: String, password: String)
  case exec(ExecPlugin)
}

/// An API server and how to connect to it. A kubeconfig, a service account or `--master` is converted to this.
public struct APIServerConnection: Sendable, Hashable {
  /// `https://host:port` or `https://[address]:port`, optionally with a path in front of `/api`. No slash at the end.
  public var server: String
  /// The trusted certificate authority. nil: the system's certificate authorities.
  public var certificateAuthority: PEMSource?
  public var insecureSkipTLSVerify: Bool
  /// The server name to send and to verify in TLS, instead of the URL's host.
  public var tlsServerName: String?
  /// `http://`, `https://` or `socks5://`. nil: the environment decides (HTTPS_PROXY, NO_PROXY).
  public var proxyURL: String?
  public var clientCertificate: ClientCertificate?
  public var credential: UserCredential

  public init(
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
