import KubernetesAPI
import ServiceModel

/// The current context of a kubeconfig: the API server, the trusted certificate authority, and the client's
/// credentials. Relative paths are already resolved against the kubeconfig's directory.
public struct Kubeconfig: Hashable, Sendable {
  /// PEM text, or the path of a file that may be replaced at any time.
  public enum PEM: Hashable, Sendable {
    case data([UInt8])
    case file(String)
  }

  /// The settings of a credential plugin (client.authentication.k8s.io). Other code runs the plugin.
  public struct Exec: Hashable, Sendable {
    public var apiVersion: String
    public var command: String
    public var arguments: [String]
    public var environment: [String: String]
    public var installHint: String
    public var provideClusterInfo: Bool
  }

  public enum Credential: Hashable, Sendable {
    case none
    case token(String)
    case tokenFile(String)
    case basic(user: String, password: String)
    case exec(Exec)
  }

  public var path: String
  public var context: String
  public var cluster: String
  public var user: String
  /// The URL of the API server.
  public var server: String
  public var certificateAuthority: PEM?
  public var insecureSkipTLSVerify: Bool
  public var tlsServerName: String?
  public var proxyURL: String?
  public var clientCertificate: PEM?
  public var clientKey: PEM?
  public var credential: Credential

  /// Reads a kubeconfig file and resolves its current context.
  /// - Throws: if the file cannot be read, or if a setting of the context is missing or not valid.
  public static func read(
    _ path: String, storage: any ManifestStorage = FileSystem()
  ) throws(KubeconfigError) -> Kubeconfig {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try storage.contents(of: path, limit: 4 << 20)
    } catch {
      throw KubeconfigError(path: path, problem: error.description)
    }
    return try KubeconfigReader(path: path).read(bytes)
  }
}

/// An error in a kubeconfig.
public struct KubeconfigError: Error, Hashable, Sendable {
  public var path: String
  /// The context that was being resolved; empty before that.
  public var context: String
  /// For example `users[admin].user.tokenFile`; empty for the file as a whole.
  public var field: String
  public var problem: String

  public init(path: String, context: String = "", field: String = "", problem: String) {
    self.path = path
    self.context = context
    self.field = field
    self.problem = problem
  }
}

extension KubeconfigError: CustomStringConvertible {
  public var description: String {
    var parts = ["kubeconfig \(path.printable)"]
    if !context.isEmpty { parts.append("context \(context.quoted)") }
    if !field.isEmpty { parts.append(field.printable) }
    return (parts + [problem]).joined(separator: ": ")
  }
}
