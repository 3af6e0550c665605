import APIServerFixture
import Configuration
import Doubles
import KubernetesAPI
import Logging
import ServiceModel
import Testing

@testable import Watcher

/// An API server with a few objects, and a watcher that follows it, for one test.
struct WatchedCluster {
  let store = ObjectStore()
  let server: APIServer
  let channel = ClusterEventChannel()
  let clock = PromptClock()
  let watcher: ClusterWatcher
  let transport: CurlTransport

  init(
    options: APIServer.Options = APIServer.Options(), speaksProtobuf: Bool = true,
    resources: [ResourceKind] = [.service],
    connection: (APIServerConnection) -> APIServerConnection = { $0 }
  ) throws {
    var options = options
    options.speaksProtobuf = speaksProtobuf
    server = APIServer(store: store, options: options)
    try server.start()
    transport = try CurlTransport(connection(APIServerConnection(server: server.url)))
    watcher = ClusterWatcher(
      transport: transport, nodeName: "kind-worker", output: channel, logger: .silent, resources: resources,
      clock: clock, random: { 0.5 })
  }

  /// Runs the watcher while `body` runs, then ends both ends.
  func follow(_ body: () async throws -> Void) async throws {
    let running = Task { await watcher.run() }
    defer {
      running.cancel()
      channel.finish()
      server.stop()
    }
    try await body()
  }

  /// Events until one is as wanted, or the channel ends; that one is the last.
  func events(until isLast: (ClusterEvent) -> Bool) async -> [ClusterEvent] {
    var result: [ClusterEvent] = []
    while true {
      let batch = await channel.next()
      result += batch
      if batch.isEmpty || batch.contains(where: isLast) { return result }
    }
  }

  func addService(_ name: String, clusterIP: String = "10.200.1.10") throws {
    try store.apply(json: ServiceJSON.text(name, clusterIP: clusterIP))
  }
}

enum ServiceJSON {
  static func text(_ name: String, clusterIP: String = "10.200.1.10", version: String? = nil) -> String {
    let version = version.map { #","resourceVersion":"\#($0)""# } ?? ""
    return """
      {"apiVersion":"v1","kind":"Service","metadata":{"name":"\(name)","namespace":"default"\(version)},\
      "spec":{"clusterIP":"\(clusterIP)","clusterIPs":["\(clusterIP)"],"type":"ClusterIP",\
      "ports":[{"port":80,"protocol":"TCP"}]}}
      """
  }
}

extension Logger {
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension ClusterEvent {
  /// Names of the objects, for short comparisons.
  var summary: String {
    switch self {
    case .replaceServices(let services): "all " + services.map(\.name.name).joined(separator: " ")
    case .replaceSlices(let slices): "all slices " + slices.map(\.name.name).joined(separator: " ")
    case .replaceNodes(let nodes): "all nodes " + nodes.map(\.name).joined(separator: " ")
    case .replaceServiceCIDRs(let cidrs): "all CIDRs " + cidrs.map(\.description).joined(separator: " ")
    case .restore(let saved): "restore \(saved.services.count) Services"
    case .setService(let service): "set \(service.name.name)"
    case .removeService(let name): "remove \(name.name)"
    case .setSlice(let slice): "set slice \(slice.name.name)"
    case .removeSlice(let name): "remove slice \(name.name)"
    case .setNode(let node): "set node \(node.name)"
    case .removeNode(let name): "remove node \(name)"
    }
  }
}
