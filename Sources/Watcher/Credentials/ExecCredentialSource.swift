import Configuration
import FoundationEssentials
import Time

/// Keeps the credential of a plugin until it expires. The plugin runs once, even if many requests wait for it. If
/// nobody waits for it any more, it is killed.
actor ExecCredentialSource {
  private let plugin: ExecPlugin
  private let runner: any PluginRunner
  private let executionInfo: String
  private let now: @Sendable () -> Moment
  private var cached: ExecCredential?
  private var running: PluginRun?

  init(
    _ plugin: ExecPlugin, connection: APIServerConnection, runner: any PluginRunner,
    now: @escaping @Sendable () -> Moment = Moment.now
  ) {
    self.plugin = plugin
    self.runner = runner
    self.now = now
    executionInfo = Self.executionInfo(plugin, connection)
  }

  func credential() async throws(CredentialError) -> ExecCredential {
    if let cached, cached.expiration.map({ now().wall < $0 }) ?? true { return cached }
    let run = joined()
    let result = await run.result()
    // The first caller that returns stores the result. Later callers must not touch a newer run.
    if running === run {
      running = nil
      cached = try? result.get()
    }
    return try result.get()
  }

  /// The current run of the plugin, or a new one.
  private func joined() -> PluginRun {
    if let running, running.join() { return running }
    let run = start()
    running = run
    return run
  }

  func invalidate() { cached = nil }

  private func start() -> PluginRun {
    PluginRun { [plugin, runner, executionInfo] in
      do throws(CredentialError) {
        let output = try await runner.run(plugin, executionInfo: executionInfo)
        return .success(try ExecCredential(output, plugin: plugin))
      } catch {
        return .failure(error)
      }
    }
  }

  private struct Info: Encodable {
    struct Cluster: Encodable {
      var server: String
      var tlsServerName: String?
      var insecureSkipTLSVerify: Bool
      var certificateAuthorityData: String?
      var proxyURL: String?

      enum CodingKeys: String, CodingKey {
        case server, insecureSkipTLSVerify = "insecure-skip-tls-verify", tlsServerName = "tls-server-name"
        case certificateAuthorityData = "certificate-authority-data", proxyURL = "proxy-url"
      }
    }
    struct Spec: Encodable {
      var interactive = false
      var cluster: Cluster?
    }
    var kind = "ExecCredential"
    var apiVersion: String
    var spec: Spec
  }

  /// The value of KUBERNETES_EXEC_INFO.
  private static func executionInfo(_ plugin: ExecPlugin, _ connection: APIServerConnection) -> String {
    var info = Info(apiVersion: plugin.apiVersion, spec: Info.Spec())
    if plugin.provideClusterInfo {
      var authority: String?
      switch connection.certificateAuthority {
      case .data(let bytes, _): authority = Base64.encode(bytes)
      case .file(let path):
        var file = RotatingFile(path: path)
        // If the file cannot be read, the request itself reports it.
        authority = (try? file.contents()).map(Base64.encode)
      case nil: break
      }
      info.spec.cluster = Info.Cluster(
        server: connection.server, tlsServerName: connection.tlsServerName,
        insecureSkipTLSVerify: connection.insecureSkipTLSVerify, certificateAuthorityData: authority,
        proxyURL: connection.proxyURL)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Encoding strings and booleans cannot fail.
    return String(decoding: try! encoder.encode(info), as: UTF8.self)
  }
}
