import APIServerFixture
import Configuration
import Foundation
import ServiceModel
import Testing

@testable import Watcher

/// Verification of the server, client certificates, and errors that name the faulty file.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
  let temporary: TemporaryDirectory
  var directory: String { temporary.root }
  let certificates: TestCertificates

  init() throws {
    temporary = try TemporaryDirectory()
    certificates = try TestCertificates(directory: temporary.root)
  }

  func server(_ change: (inout APIServer.Options) -> Void = { _ in }) throws -> APIServer {
    var options = APIServer.Options()
    options.tls = certificates.serverTLS
    change(&options)
    let server = APIServer(store: ObjectStore(), options: options)
    try server.start()
    return server
  }

  /// Sends a request. Returns its error, or nil.
  func ask(
    _ server: APIServer, url: String? = nil, _ change: (inout APIServerConnection) -> Void = { _ in }
  ) async throws -> Result<Int, HTTPError> {
    var connection = APIServerConnection(
      server: url ?? server.url, certificateAuthority: .file(path: certificates.ca))
    change(&connection)
    let transport = try CurlTransport(connection)
    do throws(HTTPError) {
      return .success(try await transport.send(APIRequest(target: "/version")).status)
    } catch {
      return .failure(error)
    }
  }

  func fault(_ result: Result<Int, HTTPError>) -> TLSFailure.Fault? {
    guard case .failure(.tls(let failure)) = result else { return nil }
    return failure.fault
  }

  @Test func `trusts the authority as file and as data`() async throws {
    let server = try server()
    defer { server.stop() }
    #expect(try await ask(server).get() == 200)
    let data = Array(try Data(contentsOf: URL(fileURLWithPath: certificates.ca)))
    let result = try await ask(server) { $0.certificateAuthority = .data(data, origin: "certificate-authority-data") }
    #expect(try result.get() == 200)
  }

  @Test func `another authority is named`() async throws {
    let server = try server()
    defer { server.stop() }
    let result = try await ask(server) { $0.certificateAuthority = .file(path: certificates.otherCA) }
    #expect(
      fault(result)
        == .serverCertificate(server: "127.0.0.1:\(server.port)", authority: certificates.otherCA))
  }

  @Test func `the system's authorities are used if none is given`() async throws {
    let server = try server()
    defer { server.stop() }
    let result = try await ask(server) { $0.certificateAuthority = nil }
    #expect(
      fault(result)
        == .serverCertificate(
          server: "127.0.0.1:\(server.port)", authority: "the system's certificate authorities"))
  }

  @Test func `a name that is not in the certificate is refused`() async throws {
    try certificates.sign("elsewhere", subject: "/CN=elsewhere", extensions: "subjectAltName=DNS:api.example.com")
    let server = try server {
      $0.tls = ServerTLS(certificate: directory + "/elsewhere.crt", key: directory + "/elsewhere.key")
    }
    defer { server.stop() }
    #expect(
      fault(try await ask(server))
        == .serverCertificate(server: "127.0.0.1:\(server.port)", authority: certificates.ca))
    // With tls-server-name that name is asked for and verified, and the Host header stays what it was.
    #expect(try await ask(server) { $0.tlsServerName = "api.example.com" }.get() == 200)
    #expect(server.requests[0].serverName == "api.example.com")
    #expect(server.requests[0].headers["host"] == "127.0.0.1:\(server.port)")
    #expect(try await ask(server) { $0.insecureSkipTLSVerify = true }.get() == 200)
    #expect(try await ask(server) { $0.tlsServerName = "other.example.com" }.failure != nil)
  }

  /// It stands in a URL, where these characters have a meaning.
  @Test(arguments: ["a/b", "user@a", "a b", "a?x", "[::1]", "a:1", "\n"])
  func `a tls-server-name that is no name is refused`(_ name: String) {
    var connection = APIServerConnection(server: "https://127.0.0.1:1")
    connection.tlsServerName = name
    let error = #expect(throws: CredentialError.self) { _ = try CurlTransport(connection) }
    #expect(error?.description == "tls-server-name \(name.quoted): not a host name or address")
  }

  @Test(arguments: ["localhost", "[::1]"])
  func `verifies names and IPv6 addresses`(_ host: String) async throws {
    let server = try server { $0.address = host == "localhost" ? "127.0.0.1" : "::1" }
    defer { server.stop() }
    #expect(try await ask(server, url: "https://\(host):\(server.port)").get() == 200)
  }

  @Test func `shows a client certificate`() async throws {
    let server = try server { $0.authentication.commonNames = ["system:kube-proxy"] }
    defer { server.stop() }
    #expect(try await ask(server) { $0.clientCertificate = client }.get() == 200)
    #expect(server.requests[0].clientCertificate == "system:kube-proxy")
  }

  private var client: ClientCertificate {
    ClientCertificate(
      certificate: .file(path: certificates.clientCertificate), key: .file(path: certificates.clientKey))
  }

  @Test func `a key of another certificate is named`() async throws {
    let server = try server()
    defer { server.stop() }
    let result = try await ask(server) {
      $0.clientCertificate = client
      $0.clientCertificate?.key = .file(path: certificates.serverKey)
    }
    let both = "\(certificates.clientCertificate) with key \(certificates.serverKey)"
    #expect(fault(result) == .clientCertificate(source: both))
  }

  @Test func `a client certificate that the server refuses is named`() async throws {
    try certificates.sign("stranger", subject: "/CN=stranger", extensions: "extendedKeyUsage=serverAuth")
    let server = try server()
    defer { server.stop() }
    let result = try await ask(server) {
      $0.clientCertificate = ClientCertificate(
        certificate: .file(path: directory + "/stranger.crt"), key: .file(path: directory + "/stranger.key"))
    }
    #expect(
      fault(result)
        == .handshake(server: "127.0.0.1:\(server.port)", clientCertificate: directory + "/stranger.crt"))
  }

  @Test func `a file that cannot be used is named`() async throws {
    let server = try server()
    defer { server.stop() }
    let garbage = directory + "/garbage.pem"
    try Data("garbage".utf8).write(to: URL(fileURLWithPath: garbage))
    #expect(
      try await ask(server) { $0.certificateAuthority = .file(path: garbage) }.failure
        == .credentials(.noPEM(source: garbage, expected: "CERTIFICATE")))
    let missing = directory + "/missing.pem"
    #expect(
      try await ask(server) { $0.certificateAuthority = .file(path: missing) }.failure
        == .credentials(.unreadable(path: missing, reason: "No such file or directory")))
    let broken = directory + "/broken.pem"
    try Data("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8).write(
      to: URL(fileURLWithPath: broken))
    #expect(
      fault(try await ask(server) { $0.certificateAuthority = .file(path: broken) }) == .authority(source: broken))
    #expect(
      try await ask(server) { $0.credential = .tokenFile(path: garbage + "x") }.failure
        == .credentials(.unreadable(path: garbage + "x", reason: "No such file or directory")))
  }

  @Test func `plain HTTP on a TLS port is an error`() async throws {
    let server = try server()
    defer { server.stop() }
    #expect(try await ask(server, url: "http://127.0.0.1:\(server.port)").failure != nil)
  }

  @Test func `requests go through an HTTP or SOCKS proxy`() async throws {
    let server = try server()
    defer { server.stop() }
    let proxy = try ConnectProxy(to: server.port)
    defer { proxy.stop() }
    // The HTTP proxy resolves the name. Here only the proxy knows it.
    try certificates.sign("far", subject: "/CN=far", extensions: "subjectAltName=DNS:api.far.example")
    let far = try self.server {
      $0.tls = ServerTLS(certificate: directory + "/far.crt", key: directory + "/far.key")
    }
    defer { far.stop() }
    let toFar = try ConnectProxy(to: far.port)
    defer { toFar.stop() }
    #expect(try await ask(far, url: "https://api.far.example:6443") { $0.proxyURL = toFar.url }.get() == 200)
    #expect(toFar.targets == ["api.far.example:6443"])
    #expect(try await ask(server) { $0.proxyURL = proxy.url }.get() == 200)
    #expect(try await ask(far, url: "https://api.far.example:6443") { $0.proxyURL = toFar.socksURL }.get() == 200)
    #expect(toFar.targets == ["api.far.example:6443", "api.far.example:6443"])
    // The name to verify differs from the name to connect to.
    let named = try await ask(far, url: "https://other.example:6443") {
      $0.proxyURL = toFar.url
      $0.tlsServerName = "api.far.example"
    }
    #expect(try named.get() == 200)
    #expect(toFar.targets.last == "other.example:6443")
    #expect(throws: CredentialError.self) {
      try CurlTransport(APIServerConnection(server: "https://a", proxyURL: "ftp://proxy"))
    }
  }
}

extension Result {
  var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
