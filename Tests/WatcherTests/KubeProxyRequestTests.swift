import APIServerFixture
import Configuration
import Doubles
import Fixtures
import Foundation
import HTTP
import KubernetesAPI
import Testing

@testable import Watcher

/// The proxy's requests next to those of the real kube-proxy 1.36.2, as its API server recorded them.
@Suite(.timeLimit(.minutes(1))) struct KubeProxyRequestTests {
  /// The Accept header of client-go for kube-proxy's default content type. The recording does not contain headers.
  private static let kubeProxyAccept = "application/vnd.kubernetes.protobuf, */*"

  private static func recorded() throws -> [String] {
    try Recordings.text("kube-proxy-requests.txt").split(separator: "\n").compactMap { line in
      line.hasPrefix("GET ") ? String(line.dropFirst(4)) : nil
    }
  }

  /// Path and parameters of a request, without the times, which both proxies choose at random.
  private static func parts(_ target: String) throws -> [String: String] {
    let components = try #require(URLComponents(string: target))
    let times: Set = ["timeout", "timeoutSeconds"]
    var result = ["path": components.path]
    for item in components.queryItems ?? [] where !times.contains(item.name) { result[item.name] = item.value }
    return result
  }

  private static func seconds(_ target: String) -> Int? {
    URLComponents(string: target)?.queryItems?.first { $0.name == "timeoutSeconds" }?.value.flatMap { Int($0) }
  }

  @Test func `the first requests have the same parameters`() async throws {
    let transport = MemoryTransport { _ in .silence }
    let watcher = ClusterWatcher(
      transport: transport, nodeName: "kind-worker", output: ClusterEventChannel(), logger: .silent,
      resources: ResourceKind.allCases, clock: PromptClock())
    let running = Task { await watcher.run() }
    let own = await transport.requests { $0.count == ResourceKind.allCases.count }
    running.cancel()
    await running.value
    let theirs = try Self.recorded()
    #expect(theirs.count == 4)
    #expect(Set(try own.map { try Self.parts($0.target) }) == Set(try theirs.map(Self.parts)))
    for target in own.map(\.target) + theirs {
      #expect((300...600).contains(try #require(Self.seconds(target))), "a watch lasts 5 to 10 minutes")
    }
    #expect(
      ResourceKind.watched(withServiceCIDRs: false) == [.service, .endpointSlice, .node],
      "kube-proxy has a fourth watch, for ServiceCIDRs")
    let type = "application/vnd.kubernetes.protobuf"
    #expect(own.allSatisfy { $0.headers["Accept"]?.hasPrefix(type) == true }, "kube-proxy's content type comes first")
  }

  @Test func `an idle node only renews its watches`() async {
    func answer(_ version: Int, endsList: Bool = false) -> MemoryTransport.Answer {
      let annotations = endsList ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
      let event =
        #"{"type":"BOOKMARK","object":{"kind":"Service","apiVersion":"v1","metadata":{"resourceVersion":"\#(version)"\#(annotations)}}}"#
      return .response(status: 200, body: Array(event.utf8))
    }
    let outcome = await Replay().run([answer(10, endsList: true), answer(20), answer(30), answer(40)])
    #expect(outcome.requests.first?.contains("sendInitialEvents=true") == true)
    let versions = outcome.requests.dropFirst().map { target in
      let items = URLComponents(string: target)?.queryItems ?? []
      let isPlainWatch = items.contains { $0.name == "watch" } && !items.contains { $0.name == "sendInitialEvents" }
      return isPlainWatch ? items.first { $0.name == "resourceVersion" }?.value : nil
    }
    #expect(versions == ["10", "20", "30", "40"], "each watch begins where the one before it ended")
    #expect(outcome.status.lists == 1)
  }

  @Test func `a change costs the same bytes`() async throws {
    let resources = [ResourceKind.service, .endpointSlice, .node]
    let theirs = try Self.recorded()
    for resource in resources {
      let request = ReflectorRequest.watchList(resourceVersion: "", timeoutSeconds: 450)
      let own = ResourceRequests(resource, nodeName: "kind-worker").target(request)
      let recorded = try #require(theirs.first { $0.hasPrefix("\(resource.path)?") })
      let ownBytes = try await Self.bytes(own, accept: request.accept)
      let theirBytes = try await Self.bytes(recorded, accept: Self.kubeProxyAccept)
      print("\(resource.plural): \(ownBytes) own, \(theirBytes) kube-proxy's (start, change)")
      for (own, theirs) in zip(ownBytes, theirBytes) {
        #expect(theirs > 0 && abs(own - theirs) * 20 <= theirs, "within 5 %")
      }
    }
  }

  /// The number of bytes of a watch's start, and of one change.
  private static func bytes(_ target: String, accept: String) async throws -> [Int] {
    let store = ObjectStore()
    let server = APIServer(store: store)
    try server.start()
    defer { server.stop() }
    try change(store, isReady: true)
    let transport = try CurlTransport(APIServerConnection(server: server.url))
    let response = try await transport.send(APIRequest(target: target, headers: ["Accept": accept]))
    #expect(response.headers["content-type"]?.hasPrefix("application/vnd.kubernetes.protobuf") == true)
    // The start consists of the object and of the bookmark that ends the list.
    let start = try await frames(2, of: response.body)
    try change(store, isReady: false)
    return [start, try await frames(1, of: response.body)]
  }

  /// Reads a number of frames of a watch in protobuf.
  private static func frames(_ count: Int, of body: any HTTPBody) async throws -> Int {
    var bytes: [UInt8] = []
    while true {
      var (found, offset) = (0, 0)
      while offset + 4 <= bytes.count {
        offset += 4 + bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
        if offset <= bytes.count { found += 1 }
      }
      if found >= count { return bytes.count }
      try #require(try await body.read(into: &bytes))
    }
  }

  /// A Service, its slice of 100 endpoints, and a Node; in each something that the proxy reads is different.
  private static func change(_ store: ObjectStore, isReady: Bool) throws {
    let endpoints = (1...100).map {
      #"{"addresses":["10.10.0.\#($0)"],"nodeName":"node-\#($0)","conditions":{"ready":\#(isReady || $0 > 1)}}"#
    }
    try store.apply(json: ServiceJSON.text("web", clusterIP: isReady ? "10.200.1.10" : "10.200.1.11"))
    try store.apply(
      json: """
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"web-1","namespace":"default",\
        "labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv4",\
        "ports":[{"port":80}],"endpoints":[\(endpoints.joined(separator: ","))]}
        """)
    try store.apply(
      json: """
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"kind-worker"},\
        "spec":{"podCIDR":"10.244.\(isReady ? 1 : 2).0/24"}}
        """)
  }

  /// The recordings of the two formats were made one after the other, so they do not hold the same number of events.
  @Test(arguments: ["watch-services", "watchlist-services"])
  func `an event is smaller in protobuf`(_ name: String) throws {
    let protobuf = try Self.bytesOfAnEvent("\(name)-protobuf", .protobuf)
    let json = try Self.bytesOfAnEvent(name, .json)
    print("\(name): \(protobuf) bytes an event in protobuf, \(json) in JSON")
    #expect(protobuf * 4 < json * 3)
  }

  private static func bytesOfAnEvent(_ name: String, _ format: APIFormat) throws -> Int {
    guard case .response(_, let headers, var body) = try Recordings.answer(name) else { return 0 }
    #expect(APIFormat(contentType: headers["content-type"]) == format)
    let size = body.count
    var events = 0
    var (reader, decoder) = (WatchEventReader(format: format, source: name), ObjectDecoder())
    try reader.consume(&body, decoder: &decoder) { _ in events += 1 }
    return size / max(1, events)
  }
}
