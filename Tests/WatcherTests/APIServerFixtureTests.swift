import APIServerFixture
import Configuration
import Foundation
import Testing

@testable import Watcher

/// Tests of the test server: its resource versions, selectors and files.
@Suite(.timeLimit(.minutes(1))) struct APIServerFixtureTests {
  func get(_ target: String, from server: APIServer) async throws -> [String: Any] {
    let transport = try CurlTransport(APIServerConnection(server: server.url))
    let response = try await transport.send(APIRequest(target: target))
    let body = Data(try await response.body.collect(limit: .max))
    return try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
  }

  func names(_ list: [String: Any]) -> [String] {
    let items = list["items"] as? [[String: Any]] ?? []
    return items.compactMap { ($0["metadata"] as? [String: Any])?["name"] as? String }
  }

  func service(_ name: String, namespace: String = "default", labels: String = "{}", clusterIP: String = "10.0.0.1")
    -> String
  {
    """
    {"kind":"Service","apiVersion":"v1","metadata":{"name":"\(name)","namespace":"\(namespace)",\
    "labels":\(labels)},"spec":{"clusterIP":"\(clusterIP)"}}
    """
  }

  @Test func `selectors, pages and versions work as in Kubernetes`() async throws {
    let store = ObjectStore(startingVersion: 7)
    let server = APIServer(store: store)
    try server.start()
    defer { server.stop() }
    #expect(try store.apply(json: service("a")) == 8)
    try store.apply(json: service("b", labels: #"{"x":"1"}"#))
    try store.apply(json: service("c", clusterIP: "None"))
    #expect(names(try await get("/api/v1/services", from: server)) == ["a", "b", "c"])
    #expect(names(try await get("/api/v1/services?labelSelector=%21x", from: server)) == ["a", "c"])
    #expect(names(try await get("/api/v1/services?labelSelector=x%3D1", from: server)) == ["b"])
    #expect(
      names(try await get("/api/v1/services?fieldSelector=spec.clusterIP%21%3DNone", from: server)) == ["a", "b"])
    #expect(names(try await get("/api/v1/namespaces/other/services", from: server)) == [])

    let page = try await get("/api/v1/services?limit=2", from: server)
    let metadata = try #require(page["metadata"] as? [String: Any])
    #expect(metadata["resourceVersion"] as? String == "10")
    let token = try #require(metadata["continue"] as? String).replacingOccurrences(of: "=", with: "%3D")
    #expect(names(try await get("/api/v1/services?limit=2&continue=\(token)", from: server)) == ["c"])
    store.advance()
    store.compact()
    #expect(try await get("/api/v1/services?limit=2&continue=\(token)", from: server)["code"] as? Int == 410)
    #expect(try await get("/api/v1/services?resourceVersion=99", from: server)["code"] as? Int == 504)
    #expect(try await get("/api/v1/services?resourceVersion=x", from: server)["code"] as? Int == 400)
    #expect(try await get("/api/v1/pods", from: server)["code"] as? Int == 404)
  }

  @Test func `pages have all objects, whatever the names of their namespaces`() async throws {
    let store = ObjectStore()
    let server = APIServer(store: store)
    try server.start()
    defer { server.stop() }
    // As text, a-b/z comes before a/x.
    for (namespace, name) in [("a", "x"), ("a", "y"), ("a-b", "z")] {
      try store.apply(json: service(name, namespace: namespace))
    }
    var found: [String] = []
    var token: String?
    repeat {
      let page = try await get(
        "/api/v1/services?limit=1" + (token.map { "&continue=\($0)" } ?? ""), from: server)
      found += names(page)
      let metadata = try #require(page["metadata"] as? [String: Any])
      token = (metadata["continue"] as? String)?.replacingOccurrences(of: "=", with: "%3D")
    } while token != nil
    #expect(found == ["x", "y", "z"])
  }

  @Test(arguments: [0, -1]) func `a limit that is not positive is none`(_ limit: Int) async throws {
    let store = ObjectStore()
    let server = APIServer(store: store)
    try server.start()
    defer { server.stop() }
    try store.apply(json: service("a"))
    let list = try await get("/api/v1/services?limit=\(limit)", from: server)
    #expect(names(list) == ["a"])
  }

  /// When an object stops matching a selector, a watch with that selector gets DELETED. When it starts to match, the
  /// watch gets ADDED.
  @Test func `a watch with a selector gets ADDED and DELETED when an object begins or ceases to match`() async throws {
    let cluster = try WatchedCluster()
    try cluster.store.apply(json: ServiceJSON.text("a"))
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all a"])
      let foreign = ServiceJSON.text("a").replacingOccurrences(
        of: #""namespace":"default""#,
        with: #""namespace":"default","labels":{"service.kubernetes.io/service-proxy-name":"x"}"#)
      try cluster.store.apply(json: foreign)
      #expect(await cluster.channel.next().map(\.summary) == ["remove a"])
      try cluster.store.apply(json: ServiceJSON.text("a"))
      #expect(await cluster.channel.next().map(\.summary) == ["set a"])
    }
  }

  @Test func `the last of several files with an object counts`() throws {
    let temporary = try TemporaryDirectory()
    defer { withExtendedLifetime(temporary) {} }
    let store = ObjectStore()
    for file in 1...9 { try temporary.write("\(file).json", service("a", labels: #"{"file":"\#(file)"}"#)) }
    try DirectorySource(directory: temporary.root, store: store).refresh()
    #expect(store.object(.init(.services, namespace: "default", name: "a"))?.labels == ["file": "9"])
  }

  @Test func `a directory of files is followed`() throws {
    let temporary = try TemporaryDirectory()
    defer { withExtendedLifetime(temporary) {} }
    let store = ObjectStore()
    let source = DirectorySource(directory: temporary.root, store: store)
    try temporary.write("a.json", service("a"))
    try temporary.write(
      "b.yaml",
      "kind: Service\napiVersion: v1\nmetadata: {name: b}\n---\nkind: Node\napiVersion: v1\nmetadata:\n  name: n\n")
    try source.refresh()
    #expect(store.keys(of: .services).map(\.name) == ["a", "b"])
    #expect(store.keys(of: .nodes).map(\.name) == ["n"])
    let version = store.resourceVersion
    try source.refresh()
    #expect(store.resourceVersion == version, "nothing changed")
    try temporary.write("b.yaml", "kind: Service\napiVersion: v1\nmetadata: {name: b, labels: {x: y}}\n")
    try source.refresh()
    #expect(store.keys(of: .nodes) == [])
    #expect(store.object(.init(.services, namespace: "default", name: "b"))?.labels == ["x": "y"])
    // If a file becomes invalid, its objects stay.
    try temporary.write("a.json", "{")
    #expect(throws: (any Error).self) { try source.refresh() }
    #expect(store.keys(of: .services).map(\.name) == ["a", "b"])
    try temporary.remove("a.json")
    try source.refresh()
    #expect(store.keys(of: .services).map(\.name) == ["b"])
  }
}
