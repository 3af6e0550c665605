import ServiceModel

/// Why the proxy cannot authenticate, or cannot load its certificate authority.
package enum CredentialError: Error, Sendable, Hashable {
  /// A file could not be read. `reason` is the system's error text.
  case unreadable(path: String, reason: String)
  /// A file or text that contains no PEM block of the expected kind.
  case noPEM(source: String, expected: String)
  /// A token file without a token.
  case emptyToken(path: String)
  /// A token with bytes that are not allowed in a token. The token is not shown.
  case invalidToken(source: String)
  /// A server URL, proxy URL or name that is not valid.
  case invalidSetting(name: String, value: String, reason: String)
  /// A credential plugin that could not be started or that failed. `stderr` is the end of its standard error output.
  case plugin(command: String, reason: String, stderr: String)
}

extension CredentialError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .noPEM(let source, let expected): "\(source) contains no PEM \(expected)"
    case .emptyToken(let path): "token file \(path) is empty"
    case .invalidToken(let source): "\(source) contains bytes that a token cannot contain"
    case .invalidSetting(let name, let value, let reason): "\(name) \(value.quoted): \(reason)"
    case .plugin(let command, let reason, let stderr):
      "credential plugin \(command): \(reason)" + (stderr.isEmpty ? "" : "; standard error: \(stderr)")
    }
  }
}
