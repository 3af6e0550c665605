import APIServerFixture
import Foundation
import ProtobufFixture
import ServiceModel
import Synchronization
import Testing

@testable import Watcher

/// An API server that fails in every way. In the end the watcher has the right objects.
@Suite(.timeLimit(.minutes(1))) struct MisbehaviourTests {
  /// Reacts once with `reaction` to the first request that `isVictim`, then serves.
  static func once(
    _ server: APIServer, _ reaction: Reaction, where isVictim: @escaping @Sendable (ServerRequest) -> Bool
  ) {
    let left = Mutex(1)
    server.react { request in
      guard isVictim(request),
        left.withLock({
          $0 -= 1; return $0 >= 0
        })
      else { return .serve }
      return reaction
    }
  }

  static func isStream(_ request: ServerRequest) -> Bool { request.query["sendInitialEvents"] == "true" }
  static func isWatch(_ request: ServerRequest) -> Bool { request.query["watch"] == "true" && !isStream(request) }

  static let protobuf = ["Content-Type": "application/vnd.kubernetes.protobuf;stream=watch"]

  static func frame(_ type: String, _ object: String) -> [UInt8] {
    let json = #"{"type":"\#(type)","object":\#(object)}"#
    return (try? ProtobufEncoder.frame(json: Data(json.utf8))) ?? []
  }

  static let status500 = ServerResponse.failure(500, reason: "InternalError")

  @Test(
    arguments: [
      (Reaction.serveCut(after: 150), "cut in the middle of an object"),
      (.respond(status500), "500"),
      (.respond(.failure(429, reason: "TooManyRequests", headers: ["Retry-After": "3"])), "429 with Retry-After"),
      (.respond(.failure(403, reason: "Forbidden")), "403, as before RBAC is there"),
      (.respond(.failure(401, reason: "Unauthorized")), "401"),
      (.respond(.failure(410, reason: "Expired")), "410"),
      (.respond(.failure(422, reason: "Invalid")), "no streaming"),
      (.respond(ServerResponse(status: 200, body: Data("<html>hello</html>".utf8))), "a page of some proxy"),
      (.respond(ServerResponse(status: 302, headers: ["Location": "http://127.0.0.1:1/"])), "a redirect"),
      (.raw("garbage\r\n\r\n"), "no HTTP"),
      (.stream([.chunk("{\"type\":\"ADDED\",\"object\":"), .cut]), "cut in an event"),
      (.stream([.chunk("{\"type\":\"NEWS\",\"object\":{}}\n")]), "an unknown type of event"),
      (.stream([.chunk("\u{0}\u{1}\u{2}\n")]), "bytes"),
      (.stream([]), "ends before the bookmark"),
      (.stream([.chunk(#"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"no"}}"# + "\n")]), "ERROR"),
      (.stream(headers: protobuf, [.bytes([0, 0, 0, 9, 0x0a]), .cut]), "cut in a frame"),
      (.stream(headers: protobuf, [.bytes([0xff, 0xff, 0xff, 0xff, 1])]), "a length that lies"),
      (.stream(headers: protobuf, [.bytes([0, 0, 0, 2, 0x0b, 0x0c])]), "a frame of garbage"),
      (.stream(headers: protobuf, [.bytes(frame("NEWS", #"{"kind":"Service"}"#))]), "an unknown type of event"),
      (.stream(headers: protobuf, [.bytes(frame("ERROR", #"{"kind":"Status","code":500}"#))]), "ERROR in protobuf"),
      (.stream(headers: protobuf, [.chunk("{\"type\":\"ADDED\"")]), "JSON that is called protobuf"),
      (.respond(ServerResponse(status: 500, headers: protobuf, body: Data("k8s\0\n".utf8))), "no Status"),
    ] as [(Reaction, String)], [true, false])
  func `the first list goes wrong`(_ example: (Reaction, String), _ speaksProtobuf: Bool) async throws {
    let (reaction, reason) = example
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
    Self.once(cluster.server, reaction, where: Self.isStream)
    try cluster.addService("db")
    try cluster.addService("web")
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all db web"], "\(reason)")
    }
  }

  @Test(
    arguments: [
      (Reaction.respond(status500), 1, "500"),
      (.respond(.failure(429, reason: "TooManyRequests")), 1, "429"),
      (.respond(.failure(401, reason: "Unauthorized")), 1, "401"),
      (.raw("garbage\r\n\r\n"), 1, "no HTTP"),
      (.stream([.chunk("garbage\n")]), 1, "no JSON"),
      (.stream([.chunk("{\"type\":\"MODIFIED\",\"object\":{\"kind\":"), .cut]), 1, "cut in an object"),
      (.respond(.failure(410, reason: "Expired")), 2, "410 as status"),
      (
        .stream([.chunk(#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"# + "\n")]), 2,
        "410 as event"
      ),
      (.stream(headers: protobuf, [.bytes([0, 0, 0, 9, 0x0a]), .cut]), 1, "cut in a frame"),
      (.stream(headers: protobuf, [.bytes([0, 0, 0, 9, 0x0a])]), 1, "ends in a frame"),
      (.stream(headers: protobuf, [.bytes([0xff, 0xff, 0xff, 0xff, 1])]), 1, "a length that lies"),
      (.stream(headers: protobuf, [.bytes(frame("MODIFIED", "{}"))]), 1, "an object of no kind and no name"),
      (
        .stream(
          headers: protobuf, [.bytes(frame("ERROR", #"{"kind":"Status","code":410,"reason":"Expired"}"#))]), 2,
        "410 as event in protobuf"
      ),
    ] as [(Reaction, Int, String)], [true, false])
  func `the watch goes wrong`(_ example: (Reaction, Int, String), _ speaksProtobuf: Bool) async throws {
    let (reaction, lists, reason) = example
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
    try cluster.addService("gone")
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all gone"])
      Self.once(cluster.server, reaction, where: Self.isWatch)
      cluster.server.cutConnections()
      await cluster.server.requests { $0.contains(where: Self.isWatch) }
      try cluster.addService("new")
      cluster.store.delete(.init(.services, namespace: "default", name: "gone"))
      var state: Set<String> = ["gone"]
      while state != ["new"], !Task.isCancelled {
        for event in await cluster.channel.next() {
          switch event {
          case .replaceServices(let all): state = Set(all.map(\.name.name))
          case .setService(let service): state.insert(service.name.name)
          case .removeService(let name): state.remove(name.name)
          default: Issue.record("\(event)")
          }
        }
      }
      #expect(state == ["new"])
      #expect(cluster.watcher.status[0].lists == lists, "\(reason)")
    }
  }

  @Test(arguments: [true, false])
  func `a compacted version is followed by a list that removes`(_ speaksProtobuf: Bool) async throws {
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
    try cluster.addService("gone")
    try cluster.addService("web")
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all gone web"])
      // The server is away while objects change. After that, the watcher's version is compacted.
      cluster.server.react { _ in .respond(Self.status500) }
      cluster.server.cutConnections()
      cluster.store.delete(.init(.services, namespace: "default", name: "gone"))
      cluster.store.compact()
      cluster.server.react { _ in .serve }
      #expect(await cluster.channel.next().map(\.summary) == ["all web"])
    }
    #expect(cluster.watcher.status[0].lists == 2)
  }

  @Test(arguments: [true, false])
  func `after an outage it catches up without a list`(_ speaksProtobuf: Bool) async throws {
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
    try cluster.addService("web")
    try await cluster.follow {
      _ = await cluster.channel.next()
      cluster.server.react { _ in .respond(Self.status500) }
      let before = cluster.server.requests.count
      cluster.server.cutConnections()
      await cluster.server.requests { $0.count >= before + 5 }
      try cluster.addService("db")
      cluster.server.react { _ in .serve }
      #expect(await cluster.channel.next().map(\.summary) == ["set db"])
    }
    #expect(cluster.watcher.status[0].lists == 1)
    #expect(cluster.server.requests.filter { $0.query["watch"] == nil }.isEmpty)
  }

  @Test func `repeated and late events are sent once`() async throws {
    let cluster = try WatchedCluster()
    func line(_ type: String, _ version: String, _ address: String) -> StreamStep {
      .chunk(#"{"type":"\#(type)","object":\#(ServiceJSON.text("web", clusterIP: address, version: version))}"# + "\n")
    }
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all "])
      Self.once(
        cluster.server,
        .stream([
          line("ADDED", "1000", "10.200.1.1"), line("ADDED", "1000", "10.200.1.1"),
          line("MODIFIED", "1002", "10.200.1.3"), line("MODIFIED", "1001", "10.200.1.2"),
          line("DELETED", "1003", "10.200.1.3"), line("MODIFIED", "1002", "10.200.1.3"),
          line("DELETED", "1003", "10.200.1.3"), line("ADDED", "1005", "10.200.1.5"), .stall,
        ]), where: Self.isWatch)
      cluster.server.cutConnections()
      var told: [String] = []
      for event in await cluster.events(atLeast: 4) {
        if case .setService(let service) = event { told.append(service.clusterIPs[0].description) }
        if case .removeService = event { told.append("removed") }
      }
      #expect(told == ["10.200.1.1", "10.200.1.3", "removed", "10.200.1.5"])
    }
  }

  @Test(arguments: [true, false])
  func `huge objects pass and endless ones do not`(_ speaksProtobuf: Bool) async throws {
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
    let filler = String(repeating: "x", count: 3 << 20)
    try cluster.store.apply(
      json: ServiceJSON.text("huge").replacingOccurrences(
        of: #""namespace":"default""#, with: #""namespace":"default","annotations":{"a":"\#(filler)"}"#))
    // The first answer is a line without an end. After that the server answers correctly.
    let endless = Array(repeating: StreamStep.chunk(String(repeating: "y", count: 1 << 20)), count: 18)
    Self.once(
      cluster.server, .stream([.chunk(#"{"type":"ADDED","object":{"a":""#)] + endless + [.stall]), where: Self.isStream)
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all huge"])
      #expect(cluster.watcher.status[0].errors == 1)
    }
  }

  @Test func `pages that expire are followed by a whole list`() async throws {
    var options = APIServer.Options()
    options.streamsLists = false
    let cluster = try WatchedCluster(options: options)
    try cluster.addService("a")
    try cluster.addService("b")
    let first = """
      {"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"1","continue":"next"},
      "items":[\(ServiceJSON.text("stale", version: "1"))]}
      """
    cluster.server.react { request in
      if request.query["continue"] != nil { return .respond(.failure(410, reason: "Expired")) }
      if request.query["limit"] != nil { return .respond(ServerResponse(status: 200, body: Data(first.utf8))) }
      return .serve
    }
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all a b"])
    }
    #expect(cluster.server.requests.filter { $0.query["watch"] == nil }.count == 3)
  }

  @Test(arguments: [true, false])
  func `a slow reader loses no event`(_ speaksProtobuf: Bool) async throws {
    // More changes than the channel holds: the watcher waits, and nothing is lost.
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
    try await cluster.follow {
      _ = await cluster.channel.next()
      for index in 0..<3000 { try cluster.addService("s\(index)") }
      #expect(await cluster.events(atLeast: 3000).count == 3000)
      #expect(cluster.watcher.status[0].objects == 3000)
    }
  }
}
