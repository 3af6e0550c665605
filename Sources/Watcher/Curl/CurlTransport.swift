import CCurl
import Configuration
import ServiceModel

/// HTTP over libcurl: one thread, HTTP/2 if the server supports it, TLS verified as the connection requires. The
/// credentials are checked before each request, so a request uses a rotated token or certificate immediately.
package final class CurlTransport: HTTPTransport {
  private let connection: APIServerConnection
  private let server: ServerURL
  private let credentials: CredentialStore
  let loop: CurlLoop

  /// - Throws: `CredentialError` if the server or proxy URL is not valid, `SystemError` if the thread cannot
  ///   be started.
  package init(_ connection: APIServerConnection) throws {
    self.connection = connection
    server = try ServerURL(connection.server)
    if let proxy = connection.proxyURL, !["http://", "https://", "socks5://"].contains(where: proxy.hasPrefix) {
      throw CredentialError.invalidSetting(
        name: "proxy-url", value: proxy, reason: "not http://, https:// or socks5://")
    }
    if let name = connection.tlsServerName, !Self.isServerName(name) {
      throw CredentialError.invalidSetting(name: "tls-server-name", value: name, reason: "not a host name or address")
    }
    credentials = CredentialStore(connection)
    // This must be the last step: if the init failed after it, nothing would end the thread.
    loop = try CurlLoop()
  }

  /// The name stands in a URL, so it must not contain characters that have a meaning there.
  private static func isServerName(_ text: String) -> Bool {
    // The labels of a host name may contain underscores in practice.
    IPAddress(text) != nil || NameRule.isSubdomain(text.lowercased().replacing("_", with: "x"))
  }

  deinit { loop.post(.stop) }

  package func send(_ request: APIRequest) async throws(HTTPError) -> APIResponse {
    let identity: Identity
    do throws(CredentialError) {
      identity = try await credentials.identity()
    } catch {
      throw .credentials(error)
    }
    let setup = CurlSetup(
      server: server, tlsServerName: connection.tlsServerName, proxyURL: connection.proxyURL,
      insecureSkipTLSVerify: connection.insecureSkipTLSVerify, identity: identity)
    let id = loop.newID()
    let loop = loop
    let channel = TransferChannel(
      idleTimeout: request.idleTimeout, onRoom: { loop.post(.resume(id: id)) }, onCancel: { loop.post(.cancel(id: id)) }
    )
    loop.post(.start(try CurlTransfer(id: id, request: request, setup: setup, channel: channel)))
    let head = try await channel.head()
    return APIResponse(status: head.status, headers: head.headers, body: channel)
  }

  package func refreshCredentials() async { await credentials.invalidate() }
}
