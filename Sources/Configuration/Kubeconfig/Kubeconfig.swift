import KubernetesAPI
import ServiceModel

/// The current context of a kubeconfig: the API server, the trusted certificate authority, and the client's
/// credentials. Relative paths are already resolved against the kubeconfig's directory.
package struct Kubeconfig: Hashable, Sendable {
  /// PEM text, or the path of a file that may be replaced at any time.
  package enum PEM: Hashable, Sendable {
    case data([UInt8])
    case file(String)
  }

  /// The settings of a credential plugin (client.authentication.k8s.io). Other code runs the plugin.
  package struct Exec: Hashable, Sendable {
    package var apiVersion: String
    package var command: String
    package var arguments: [String]
    package var environment: [String: String]
    package var installHint: String
    package var provideClusterInfo: Bool
  }

  package enum Credential: Hashable, Sendable {
    case none
    case token(String)
    case tokenFile(String)
    case basic(user: String, password: String)
    case exec(Exec)
  }

  package var path: String
  package var context: String
  package var cluster: String
  package var user: String
  /// The URL of the API server.
  package var server: String
  package var certificateAuthority: PEM?
  package var insecureSkipTLSVerify: Bool
  package var tlsServerName: String?
  package var proxyURL: String?
  package var clientCertificate: PEM?
  package var clientKey: PEM?
  package var credential: Credential

  /// Reads a kubeconfig file and resolves its current context.
  /// - Throws: if the file cannot be read, or if a setting of the context is missing or not valid.
  package static func read(
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
package struct KubeconfigError: Error, Hashable, Sendable {
  package var path: String
  /// The context that was being resolved; empty before that.
  package var context: String
  /// For example `users[admin].user.tokenFile`; empty for the file as a whole.
  package var field: String
  package var problem: String

  package init(path: String, context: String = "", field: String = "", problem: String) {
    self.path = path
    self.context = context
    self.field = field
    self.problem = problem
  }
}

extension KubeconfigError: CustomStringConvertible {
  package var description: String {
    var parts = ["kubeconfig \(path.printable)"]
    if !context.isEmpty { parts.append("context \(context.quoted)") }
    if !field.isEmpty { parts.append(field.printable) }
    return (parts + [problem]).joined(separator: ": ")
  }
}
