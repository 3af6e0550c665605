import APIServerFixture
import Configuration
import Foundation
import HTTP
import Synchronization
import Testing

@testable import Watcher

/// Tokens, passwords and plugins, and how they are read again after a rotation.
@Suite(.timeLimit(.minutes(1))) struct CredentialTests {
  let temporary: TemporaryDirectory
  var directory: String { temporary.root }

  init() throws { temporary = try TemporaryDirectory() }

  func write(_ name: String, _ text: String) throws -> String {
    let path = directory + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    return path
  }

  func authorization(_ credential: UserCredential) async throws -> String? {
    let store = CredentialStore(APIServerConnection(server: "https://a", credential: credential))
    return try await store.identity().headers["Authorization"]
  }

  @Test func `tokens and passwords`() async throws {
    #expect(try await authorization(.none) == nil)
    #expect(try await authorization(.token("abc")) == "Bearer abc")
    #expect(try await authorization(.basic(user: "me", password: "päss")) == "Basic bWU6cMOkc3M=")
    #expect(try await authorization(.tokenFile(path: try write("token", "  abc\n"))) == "Bearer abc")
  }

  @Test(arguments: ["", " \n", "a b", "a\r\nX-Evil: 1"])
  func `invalid tokens are refused`(_ text: String) async throws {
    let path = try write("token", text)
    await #expect(throws: CredentialError.self) { try await authorization(.tokenFile(path: path)) }
    if text.contains("a") {
      await #expect(throws: CredentialError.invalidToken(source: "token")) { try await authorization(.token(text)) }
    }
  }

  @Test func `a token file is read again when it rotates`() async throws {
    let path = try write("token", "first")
    let store = CredentialStore(APIServerConnection(server: "https://a", credential: .tokenFile(path: path)))
    #expect(try await store.identity().headers["Authorization"] == "Bearer first")
    _ = try write("token", "other")
    #expect(try await store.identity().headers["Authorization"] == "Bearer other")
  }

  @Test func `a projected token is followed through its link`() async throws {
    // As kubelet does it: token -> ..data/token, ..data -> a directory that is swapped.
    let files = FileManager.default
    for (name, token) in [("one", "first"), ("two", "other")] {
      try files.createDirectory(atPath: directory + "/" + name, withIntermediateDirectories: true)
      _ = try write(name + "/token", token)
    }
    try files.createSymbolicLink(atPath: directory + "/..data", withDestinationPath: "one")
    try files.createSymbolicLink(atPath: directory + "/token", withDestinationPath: "..data/token")
    let store = CredentialStore(
      APIServerConnection(server: "https://a", credential: .tokenFile(path: directory + "/token")))
    #expect(try await store.identity().headers["Authorization"] == "Bearer first")
    try files.createSymbolicLink(atPath: directory + "/..next", withDestinationPath: "two")
    #expect(rename(directory + "/..next", directory + "/..data") == 0)
    #expect(try await store.identity().headers["Authorization"] == "Bearer other")
  }

  @Test func `a Service account`() {
    let directory = "/var/run/secrets/kubernetes.io/serviceaccount"
    let expected = APIServerConnection(
      server: "https://[fd00::1]:443", certificateAuthority: .file(path: directory + "/ca.crt"),
      credential: .tokenFile(path: directory + "/token"))
    let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
    #expect(APIServerConnection.inCluster { environment[$0] } == expected)
    #expect(APIServerConnection.inCluster { _ in nil } == nil)
  }

  /// The API server's token changes, then the token file. The watcher recovers by itself.
  @Test func `a watch goes on with the new token`() async throws {
    let path = try write("token", "first")
    var options = APIServer.Options()
    options.authentication.tokens = ["first"]
    let cluster = try WatchedCluster(options: options) {
      var connection = $0
      connection.credential = .tokenFile(path: path)
      return connection
    }
    try cluster.addService("web")
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all web"])
      cluster.server.validTokens = ["other"]
      _ = try write("token", "other")
      cluster.server.cutConnections()
      try cluster.addService("db")
      #expect(await cluster.channel.next().map(\.summary) == ["set db"])
    }
    #expect(cluster.server.requests.last?.headers["authorization"] == "Bearer other")
    #expect(cluster.watcher.status[0].lists == 1, "the watch went on without a relist")
  }

  @Test func `client certificate and authority rotate`() async throws {
    let old = try TestCertificates(directory: directory + "/old", clientName: "old")
    let new = try TestCertificates(directory: directory + "/new", clientName: "new")
    let live = directory + "/live"
    func install(_ certificates: TestCertificates) throws {
      try? FileManager.default.removeItem(atPath: live)
      try FileManager.default.copyItem(atPath: certificates.directory, toPath: live)
    }
    try install(old)
    let transports = { (server: APIServer) in
      try CurlTransport(
        APIServerConnection(
          server: server.url, certificateAuthority: .file(path: live + "/ca.crt"),
          clientCertificate: ClientCertificate(
            certificate: .file(path: live + "/client.crt"), key: .file(path: live + "/client.key"))))
    }
    var options = APIServer.Options()
    options.tls = old.serverTLS
    let first = APIServer(store: ObjectStore(), options: options)
    try first.start()
    let transport = try transports(first)
    _ = try await transport.send(APIRequest(target: "/version"))
    #expect(first.requests.last?.clientCertificate == "old")
    let port = first.port
    first.stop()
    // The server at the same address now has a certificate of another CA, as after a rotation.
    options.tls = new.serverTLS
    options.port = port
    let second = APIServer(store: ObjectStore(), options: options)
    try second.start()
    defer { second.stop() }
    await #expect(throws: HTTPError.self) { _ = try await transport.send(APIRequest(target: "/version")) }
    try install(new)
    _ = try await transport.send(APIRequest(target: "/version"))
    #expect(second.requests.last?.clientCertificate == "new")
  }
}
