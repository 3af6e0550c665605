/// Why the proxy cannot say who it is, or whom it trusts.
public enum CredentialError: Error, Sendable, Hashable {
  /// A file could not be read; `reason` is the system's.
  case unreadable(path: String, reason: String)
  /// A file or text that holds no PEM block of the kind that it is for.
  case noPEM(source: String, expected: String)
  /// A token file without a token.
  case emptyToken(path: String)
  /// A token with bytes that none can have; it is not shown.
  case invalidToken(source: String)
  /// A server URL, proxy URL or name that cannot be used.
  case invalidSetting(name: String, value: String, reason: String)
  /// A credential plugin that could not be run or failed; `stderr` is the end of what it said.
  case plugin(command: String, reason: String, stderr: String)
}

extension CredentialError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .noPEM(let source, let expected): "\(source) holds no PEM \(expected)"
    case .emptyToken(let path): "token file \(path) is empty"
    case .invalidToken(let source): "\(source) holds bytes that no token has"
    case .invalidSetting(let name, let value, let reason): "\(name) \"\(value)\": \(reason)"
    case .plugin(let command, let reason, let stderr):
      "credential plugin \(command): \(reason)" + (stderr.isEmpty ? "" : "; it said: \(stderr)")
    }
  }
}
