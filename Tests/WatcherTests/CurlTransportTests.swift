import APIServerFixture
import Configuration
import Foundation
import HTTP
import System
import Testing

@testable import Watcher

/// libcurl against a server that simulates failures of networks.
@Suite(.timeLimit(.minutes(1))) struct CurlTransportTests {
  /// A server with one reaction to all requests, and a transport to it.
  struct Peer {
    let server: APIServer
    let transport: CurlTransport

    init(address: String = "127.0.0.1", host: String? = nil, _ reaction: Reaction = .serve) throws {
      var options = APIServer.Options()
      options.address = address
      let server = APIServer(store: ObjectStore(), options: options)
      try server.start()
      self.server = server
      server.react { _ in reaction }
      let url = host.map { "http://\($0):\(server.port)" } ?? server.url
      transport = try CurlTransport(APIServerConnection(server: url))
    }

    func body(_ request: APIRequest = APIRequest(target: "/version")) async throws -> [UInt8] {
      try await transport.send(request).body.collect(limit: .max)
    }
  }

  @Test(arguments: [
    ("127.0.0.1", nil, "IPv4"), ("::1", nil, "IPv6"), ("127.0.0.1", "localhost", "a name"),
  ])
  func `reaches addresses and names`(_ address: String, _ host: String?, _ reason: String) async throws {
    let peer = try Peer(address: address, host: host)
    defer { peer.server.stop() }
    let response = try await peer.transport.send(APIRequest(target: "/version"))
    #expect(response.status == 200, "\(reason)")
    #expect(response.headers["content-type"] == "application/json")
    let name = host ?? (address.contains(":") ? "[\(address)]" : address)
    #expect(peer.server.requests[0].headers["host"] == "\(name):\(peer.server.port)")
  }

  @Test func `keeps the connection`() async throws {
    let peer = try Peer()
    defer { peer.server.stop() }
    for _ in 0..<5 { _ = try await peer.body() }
    #expect(peer.server.connectionCount == 1)
  }

  @Test func `posts a body`() async throws {
    let peer = try Peer()
    defer { peer.server.stop() }
    let request = APIRequest(
      method: .post, target: "/x", headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
    #expect(try await peer.transport.send(request).status == 404)
    #expect(peer.server.requests[0].method == "POST")
    #expect(peer.server.requests[0].body == Data("{}".utf8))
    #expect(peer.server.requests[0].headers["content-type"] == "application/json")
  }

  @Test func `a large body arrives whole`() async throws {
    let line = String(repeating: "0123456789abcdef", count: 4096) + "\n"
    let peer = try Peer(.stream(Array(repeating: .chunk(line), count: 50)))
    defer { peer.server.stop() }
    let body = try await peer.body()
    #expect(body.count == 50 * 65_537)
    #expect(body == Array(String(repeating: line, count: 50).utf8))
  }

  @Test func `unpacks gzip`() async throws {
    let text = String(repeating: "compressible ", count: 1000)
    let packed = try gzip(Data(text.utf8))
    #expect(packed.count < text.utf8.count)
    let peer = try Peer(.respond(ServerResponse(status: 200, headers: ["Content-Encoding": "gzip"], body: packed)))
    defer { peer.server.stop() }
    #expect(String(decoding: try await peer.body(), as: UTF8.self) == text)
    #expect(peer.server.requests[0].headers["accept-encoding"] == "gzip")
  }

  private func gzip(_ data: Data) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    let (input, output) = (Foundation.Pipe(), Foundation.Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(data)
    try input.fileHandleForWriting.close()
    return output.fileHandleForReading.readDataToEndOfFile()
  }

  @Test(
    arguments: [
      (Reaction.stream([.chunk("beginning"), .cut]), "cut", "cut in the middle of a body"),
      (.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"), "cut", "fewer bytes than announced"),
      (.raw(""), "cut", "closed without an answer"),
      (.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocolViolation", "another protocol"),
      (.stream([.chunk("beginning"), .stall]), "idle", "silent in the middle of a body"),
      (.silence, "noAnswer", "silent from the beginning"),
    ] as [(Reaction, String, String)])
  func `failures are typed`(_ reaction: Reaction, _ expected: String, _ reason: String) async throws {
    let peer = try Peer(reaction)
    defer { peer.server.stop() }
    let request = APIRequest(
      target: "/version", headTimeout: expected == "noAnswer" ? .milliseconds(100) : .seconds(30),
      idleTimeout: expected == "idle" ? .milliseconds(100) : .seconds(30))
    let error = await #expect(throws: HTTPError.self, "\(reason)") { _ = try await peer.body(request) }
    let kind = error.map { String("\(Mirror(reflecting: $0).children.first?.label ?? "\($0)")") }
    #expect(kind == expected, "\(reason): \(String(describing: error))")
  }

  @Test func `a dead connection is not used again`() async throws {
    let peer = try Peer(.stream([.chunk("beginning"), .stall]))
    defer { peer.server.stop() }
    await #expect(throws: HTTPError.idle(after: .milliseconds(50))) {
      _ = try await peer.body(APIRequest(target: "/version", idleTimeout: .milliseconds(50)))
    }
    peer.server.react { _ in .serve }
    _ = try await peer.body()
    #expect(peer.server.connectionCount == 2)
  }

  @Test func `a refused connection names the server`() async throws {
    let peer = try Peer()
    let port = peer.server.port
    peer.server.stop()
    let transport = try CurlTransport(APIServerConnection(server: "http://127.0.0.1:\(port)"))
    let error = await #expect(throws: HTTPError.self) { _ = try await transport.send(APIRequest(target: "/")) }
    guard case .unreachable(let server, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(server == "127.0.0.1:\(port)")
  }

  @Test func `cancellation ends a request in each of its phases`() async throws {
    let peer = try Peer(.silence)
    defer { peer.server.stop() }
    let waiting = Task { try await peer.body() }
    await peer.server.requests { !$0.isEmpty }
    waiting.cancel()
    await #expect(throws: HTTPError.cancelled) { try await waiting.value }

    peer.server.react { _ in .stream([.chunk("beginning"), .stall]) }
    let response = try await peer.transport.send(APIRequest(target: "/version"))
    #expect(try await response.body.next() == Array("beginning".utf8))
    let reading = Task { try await response.body.next() }
    reading.cancel()
    await #expect(throws: HTTPError.cancelled) { try await reading.value }
  }

  @Test func `late headers and a late body are waited for`() async throws {
    let (head, body) = (BlockingWatched(false), TestSignal())
    let peer = try Peer()
    defer { peer.server.stop() }
    peer.server.react { _ in
      _ = head.wait { $0 ? true : nil }
      return .stream([.wait(body), .chunk("late")])
    }
    async let answer = peer.transport.send(APIRequest(target: "/version"))
    await peer.server.requests { !$0.isEmpty }
    head.withLock { $0 = true }
    let response = try await answer
    body.open()
    #expect(try await response.body.collect(limit: .max) == Array("late".utf8))
  }

  @Test(arguments: [
    ("", "nothing"), ("127.0.0.1:6443", "no scheme"), ("ftp://a", "another scheme"), ("https://", "no host"),
    ("https://a:0", "port 0"), ("https://a:66000", "port too large"), ("https://a b", "a blank"),
    ("https://user@host", "a user"), ("https://::1:6443", "IPv6 without brackets"), ("https://a?x=1", "a query"),
    ("https://a\r\nX: y", "a line end"),
  ])
  func `bad server URLs are refused`(_ url: String, _ reason: String) {
    #expect(throws: CredentialError.self, "\(reason)") { try CurlTransport(APIServerConnection(server: url)) }
  }

  @Test func `no thread is left behind`() async throws {
    let peer = try Peer()
    defer { peer.server.stop() }
    let thread: OwnThread.Running<Void>
    do {
      let transport = try CurlTransport(APIServerConnection(server: peer.server.url))
      thread = try #require(transport.loop.thread)
      #expect(try await transport.send(APIRequest(target: "/version")).status == 200)
    }
    // The suite's time limit ends the wait for a thread that stays.
    await thread.value
  }

  @Test func `a path before the API is kept`() async throws {
    let peer = try Peer()
    defer { peer.server.stop() }
    let transport = try CurlTransport(APIServerConnection(server: peer.server.url + "/k8s/clusters/c-1/"))
    _ = try await transport.send(APIRequest(target: "/version"))
    #expect(peer.server.requests[0].path == "/k8s/clusters/c-1/version")
  }
}
