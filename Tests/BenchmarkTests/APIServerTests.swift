import Applier
import Doubles
import Glibc
import KubernetesAPI
import ServiceModel
import System
import Testing

@testable import Benchmark

/// The small API server that measured programs speak to.
@Suite(.timeLimit(.minutes(5))) struct APIServerTests {
  private static func cluster(_ mix: ServiceMix = .clusterIP, _ family: IPFamily = .ipv4) -> SyntheticCluster {
    SyntheticCluster(Scenario(backend: .nft, family: family, services: 25, endpoints: 3, mix: mix))
  }

  @Test(arguments: IPFamily.allCases, ServiceMix.allCases)
  func `the API server has the objects of the synthetic cluster`(_ family: IPFamily, _ mix: ServiceMix) throws {
    let cluster = Self.cluster(mix, family)
    let served = ServedCluster(cluster)
    let objects = ServedResource.allCases.flatMap { served.snapshot($0).objects }
    let list =
      Array(#"{"kind":"List","apiVersion":"v1","items":["#.utf8) + objects.joined(separator: [0x2c]) + Array("]}".utf8)
    let files = MemoryFiles(["/cluster/all.json": String(decoding: list, as: UTF8.self)])
    let contents = try ManifestLoader(storage: files).load("/cluster/all.json")
    func sorted<Object>(_ objects: [Object], _ name: (Object) -> NamespacedName) -> [Object] {
      objects.sorted { "\(name($0))" < "\(name($1))" }
    }
    #expect(sorted(contents.services, \.name) == sorted((0..<25).map(cluster.service), \.name))
    #expect(sorted(contents.slices, \.name) == sorted((0..<25).map { cluster.slice($0) }, \.name))
    #expect(contents.nodes.map(\.name) == [SyntheticCluster.nodeName])
  }

  /// The client side of one connection, without any HTTP library.
  private struct Client: ~Copyable {
    let socket: Descriptor
    private var unread = ""

    init(_ server: APIServer) throws {
      socket = Descriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
      let address = RawAddress(SocketAddress(IPAddress("127.0.0.1")!, port: server.port))
      let number = socket.number
      try #require(address.with { connect(number, $0, $1) } == 0)
    }

    func send(_ method: String, _ target: String, _ content: String = "") throws {
      let length = content.utf8.count
      try socket.write(
        "\(method) \(target) HTTP/1.1\r\nHost: x\r\nContent-Type: application/x\r\nContent-Length: \(length)\r\n\r\n\(content)"
          .utf8)
    }

    /// Everything up to and including `end`.
    mutating func read(to end: String) throws -> String {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !unread.contains(end) {
        let count = try socket.read(into: &buffer)
        try #require(count > 0, "the server ended the connection after: \(unread)")
        unread += String(decoding: buffer.prefix(count), as: UTF8.self)
      }
      let rest = unread.split(separator: end, maxSplits: 1, omittingEmptySubsequences: false)
      unread = String(rest[1])
      return rest[0] + end
    }
  }

  @Test func `lists, events and other requests are answered on one connection`() throws {
    var client = try Client(try APIServer(ServedCluster(Self.cluster())))
    try client.send("GET", "/api/v1/services?fieldSelector=spec.clusterIP%21%3DNone&resourceVersion=0")
    let list = try client.read(to: "]}\n")
    #expect(list.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"))
    #expect(list.contains(#"{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":["#))
    #expect(list.split(separator: #""kind":"Service","#).count == 26)
    try client.send("POST", "/apis/events.k8s.io/v1/namespaces/default/events", "an event")
    #expect(try client.read(to: "an event").hasPrefix("HTTP/1.1 201 Created\r\nContent-Type: application/x\r\n"))
    try client.send("GET", "/version")
    #expect(try client.read(to: "}").contains(#""major":"1""#))
    try client.send("GET", "/api/v1/pods")
    #expect(try client.read(to: #""code":404}"#).hasPrefix("HTTP/1.1 404"))
  }

  @Test func `a watch sends the objects, a bookmark, and then the changes`() throws {
    let cluster = Self.cluster()
    let served = ServedCluster(cluster)
    var client = try Client(try APIServer(served))
    try client.send("GET", "/api/v1/nodes?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    let start = try client.read(to: #"{"k8s.io/initial-events-end":"true"}}}}"#)
    #expect(start.contains(#"{"type":"ADDED","object":{"kind":"Node""#))
    #expect(
      start.contains(#"{"type":"BOOKMARK","object":{"kind":"Node","apiVersion":"v1","metadata":{"resourceVersion":"1""#)
    )
    served.publish([.service(.added, cluster.service(30))])
    let node = ServedCluster.Change(kind: .modified, resource: .nodes, key: SyntheticCluster.nodeName) {
      ServedObjects.node(.ipv4, version: $0)
    }
    served.publish([node])
    let change = try client.read(to: "}}\n")
    #expect(
      change.contains(
        #"{"type":"MODIFIED","object":{"kind":"Node","apiVersion":"v1","metadata":{"resourceVersion":"3""#))
    #expect(!change.contains("Service"))
  }

  @Test func `a watch from an earlier version gets the changes since`() throws {
    let cluster = Self.cluster()
    let served = ServedCluster(cluster)
    served.publish([.service(.added, cluster.service(30)), .service(.deleted, cluster.service(30))])
    #expect(served.snapshot(.services).objects.count == 25)
    var client = try Client(try APIServer(served))
    try client.send("GET", "/api/v1/services?watch=1&resourceVersion=2&allowWatchBookmarks=true")
    let missed = try client.read(to: "}}}\n")
    #expect(missed.contains(#""type":"DELETED""#) && missed.contains(#""resourceVersion":"3""#))
    #expect(!missed.contains("ADDED"))
  }
}
