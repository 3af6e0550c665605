import KubernetesAPI
import ServiceModel

/// A kubeconfig file.
package enum Kubeconfig {
  /// Reads a kubeconfig file and resolves its current context to the API server, the trusted certificate authority and
  /// the client's credentials. Relative paths are resolved against the kubeconfig's directory.
  /// - Throws: if the file cannot be read, or if a setting of the context is missing or not valid.
  package static func read(
    _ path: String, storage: any ManifestStorage = FileSystem()
  ) throws(KubeconfigError) -> APIServerConnection {
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
