import Configuration
import HTTP
import ServiceModel
import System

/// Holds the current credentials of a connection. A file is read again when it changes. A plugin runs again when its
/// credential expires.
actor CredentialStore {
  private let connection: APIServerConnection
  private let plugin: ExecCredentialSource?
  private var files: [String: RotatingFile] = [:]
  /// Files may be on a network file system, where reading can block.
  private let executor = ThreadExecutor("credentials")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(_ connection: APIServerConnection, runner: any PluginRunner = ProcessPluginRunner()) {
    self.connection = connection
    if case .exec(let plugin) = connection.credential {
      self.plugin = ExecCredentialSource(plugin, connection: connection, runner: runner)
    } else {
      plugin = nil
    }
  }

  /// The credentials for a request, and the certificate authority for verifying the server.
  func identity() async throws(CredentialError) -> Identity {
    var identity = Identity()
    if let authority = connection.certificateAuthority, !connection.insecureSkipTLSVerify {
      identity.authority = try pem(authority, expected: "CERTIFICATE")
    }
    if let client = connection.clientCertificate {
      identity.certificate = try pem(client.certificate, expected: "CERTIFICATE")
      identity.key = try pem(client.key, expected: "PRIVATE KEY")
    }
    switch connection.credential {
    case .none: break
    case .token(let token): identity.headers["Authorization"] = try bearer(token, from: "token")
    case .tokenFile(let path): identity.headers["Authorization"] = try bearer(try token(path), from: path)
    case .basic(let user, let password):
      identity.headers["Authorization"] = "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))"
    case .exec(let plugin):
      guard let said = try await self.plugin?.credential() else { break }
      if let token = said.token {
        let source = "token of credential plugin \(plugin.command)"
        identity.headers["Authorization"] = try bearer(token, from: source)
      }
      identity.certificate = said.certificate ?? identity.certificate
      identity.key = said.key ?? identity.key
    }
    return identity
  }

  /// Called when the server rejected the credentials. Plugins are run again, and files are read again.
  func invalidate() async {
    files = [:]
    await plugin?.invalidate()
  }

  private func contents(_ path: String) throws(CredentialError) -> [UInt8] {
    var file = files[path] ?? RotatingFile(path: path)
    let bytes = try file.contents()
    files[path] = file
    return bytes
  }

  private func token(_ path: String) throws(CredentialError) -> String {
    let token = String(decoding: try contents(path), as: UTF8.self).trimmingBlanks
    guard !token.isEmpty else { throw .emptyToken(path: path) }
    return token
  }

  /// The value of the Authorization header. A line end in a token would start another header, so it is not allowed.
  private func bearer(_ token: String, from source: String) throws(CredentialError) -> String {
    guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .invalidToken(source: source) }
    return "Bearer \(token)"
  }

  private func pem(_ source: PEMSource, expected: String) throws(CredentialError) -> Identity.PEM {
    let bytes: [UInt8]
    switch source {
    case .data(let data, _): bytes = data
    case .file(let path): bytes = try contents(path)
    }
    // "PRIVATE KEY" also matches "EC PRIVATE KEY" and similar.
    guard String(decoding: bytes, as: UTF8.self).contains("\(expected)-----") else {
      throw .noPEM(source: source.description, expected: expected)
    }
    return Identity.PEM(bytes: bytes, source: source.description)
  }
}
