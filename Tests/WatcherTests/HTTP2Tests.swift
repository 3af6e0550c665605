import APIServerFixture
import Configuration
import Foundation
import KubernetesAPI
import Testing

@testable import Watcher

/// All requests use one connection, and one request must not delay or end another.
@Suite(.timeLimit(.minutes(1))) struct HTTP2Tests {
  let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  func peer(_ change: (inout APIServer.Options) -> Void = { _ in }) throws -> (APIServer, CurlTransport) {
    let certificates = try TestCertificates(directory: temporary.root)
    var options = APIServer.Options()
    options.tls = certificates.serverTLS
    change(&options)
    let server = APIServer(store: ObjectStore(), options: options)
    try server.start()
    let connection = APIServerConnection(server: server.url, certificateAuthority: .file(path: certificates.ca))
    return (server, try CurlTransport(connection))
  }

  @Test func `all requests share one connection`() async throws {
    let (server, transport) = try peer()
    defer { server.stop() }
    let gate = TestSignal()
    server.react { _ in .stream([.chunk("first"), .wait(gate), .chunk("second")]) }
    // Send all requests at once, before the connection exists.
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for index in 0..<6 {
        group.addTask { try await transport.send(APIRequest(target: "/\(index)")).body.collect(limit: .max) }
      }
      await server.requests { $0.count == 6 }
      gate.open()
      for try await body in group { #expect(body == Array("firstsecond".utf8)) }
    }
    #expect(server.connectionCount == 1)
    #expect(server.requests.allSatisfy { $0.isHTTP2 })
  }

  @Test(arguments: [(true, "TLS without HTTP/2"), (false, "no TLS")])
  func `a server without HTTP/2 gets a connection for each request`(_ isTLS: Bool, _ reason: String) async throws {
    let (server, transport) = try peer {
      $0.tls?.offersHTTP2 = false
      if !isTLS { $0.tls = nil }
    }
    defer { server.stop() }
    server.react { _ in .stream([.chunk("first"), .stall]) }
    // The answers do not end, so no request may wait for the end of another one.
    try await withThrowingTaskGroup(of: APIResponse.self) { group in
      for _ in 0..<4 { group.addTask { try await transport.send(APIRequest(target: "/version")) } }
      for try await response in group { #expect(try await response.body.next() == Array("first".utf8), "\(reason)") }
    }
    #expect(server.requests.map(\.isHTTP2) == [false, false, false, false])
    #expect(server.connectionCount == 4)
  }

  @Test func `a reader that does not read delays no other reader`() async throws {
    let (server, transport) = try peer()
    defer { server.stop() }
    let piece = String(repeating: "x", count: 100_000)
    server.react { request in
      request.path == "/large" ? .stream(Array(repeating: .chunk(piece), count: 50)) : .serve
    }
    let large = try await transport.send(APIRequest(target: "/large"))
    for _ in 0..<20 {
      let response = try await transport.send(APIRequest(target: "/version"))
      #expect(try await response.body.collect(limit: .max).isEmpty == false)
    }
    #expect(try await large.body.collect(limit: .max).count == 5_000_000)
    #expect(server.connectionCount == 1)
  }

  @Test(arguments: [
    ([StreamStep.chunk("x"), .cut], "cut"), ([.chunk("x"), .stall], "idle"),
  ])
  func `the end of one stream does not end the others, but silence on the whole connection ends all`(
    _ steps: [StreamStep], _ expected: String
  ) async throws {
    let (server, transport) = try peer()
    defer { server.stop() }
    let gate = TestSignal()
    server.react { request in
      switch request.path {
      case "/bad": .stream(steps)
      case "/ticking": .stream(Array(repeating: .chunk("tick"), count: 3) + [.wait(gate), .chunk("end")])
      default: .serve
      }
    }
    let other = try await transport.send(APIRequest(target: "/ticking"))
    let error = await #expect(throws: HTTPError.self) {
      let bad = try await transport.send(APIRequest(target: "/bad", idleTimeout: .milliseconds(100)))
      _ = try await bad.body.collect(limit: .max)
    }
    if expected == "cut" {
      guard case .cut = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      gate.open()
      #expect(try await other.body.collect(limit: .max) == Array("tickticktickend".utf8))
      #expect(server.connectionCount == 1)
    } else {
      // No byte came on the connection for that time. So the transport closes it, with all its streams.
      #expect(error == .idle(after: .milliseconds(100)))
      await #expect(throws: HTTPError.idle(after: .milliseconds(100))) { _ = try await other.body.collect(limit: .max) }
      #expect(try await transport.send(APIRequest(target: "/version")).status == 200)
      #expect(server.connectionCount == 2)
    }
  }

  @Test func `an unanswered retry does not keep a dead connection`() async throws {
    let (server, transport) = try peer()
    defer { server.stop() }
    server.react { request in
      switch request.path {
      case "/watch": .stream([.chunk("x"), .stall])
      case "/retry": .silence
      default: .serve
      }
    }
    let watch = try await transport.send(APIRequest(target: "/watch"))
    #expect(try await watch.body.next() == Array("x".utf8))
    func retry() -> Task<Void, any Error> {
      Task { _ = try await transport.send(APIRequest(target: "/retry", headTimeout: .seconds(50))) }
    }
    let waiting = retry()
    await server.requests { $0.contains { $0.path == "/retry" } }
    watch.body.setIdleTimeout(.milliseconds(1))
    // A new request makes the transport look at its limits.
    let next = retry()
    await #expect(throws: HTTPError.idle(after: .milliseconds(1))) { try await waiting.value }
    next.cancel()
    _ = await next.result
    #expect(try await transport.send(APIRequest(target: "/version")).status == 200)
    #expect(server.connectionCount == 2)
  }

  @Test func `watches of all resources run over one connection`() async throws {
    let certificates = try TestCertificates(directory: temporary.root)
    var options = APIServer.Options()
    options.tls = certificates.serverTLS
    let cluster = try WatchedCluster(options: options, resources: ResourceKind.allCases) {
      var connection = $0
      connection.certificateAuthority = .file(path: certificates.ca)
      return connection
    }
    try cluster.addService("web")
    try cluster.store.apply(json: #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"kind-worker"}}"#)
    try cluster.store.apply(json: #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"other"}}"#)
    try cluster.store.apply(
      json: """
        {"apiVersion":"networking.k8s.io/v1","kind":"ServiceCIDR","metadata":{"name":"kubernetes"},\
        "spec":{"cidrs":["10.200.1.0/24"]}}
        """)
    try await cluster.follow {
      let seen = Set(await cluster.events(atLeast: 4).map(\.summary))
      #expect(seen == ["all web", "all slices ", "all nodes kind-worker", "all CIDRs 10.200.1.0/24"])
      try cluster.store.apply(
        json: """
          {"apiVersion":"networking.k8s.io/v1","kind":"ServiceCIDR","metadata":{"name":"more"},\
          "spec":{"cidrs":["10.201.0.0/16"]}}
          """)
      #expect(await cluster.channel.next().map(\.summary) == ["all CIDRs 10.200.1.0/24 10.201.0.0/16"])
      #expect(cluster.server.connectionCount == 1)
    }
  }
}
