import APIServerFixture
import Configuration
import Doubles
import KubernetesAPI
import Logging

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

  /// Runs the watcher while `body` runs, then ends the watcher and the server.
  func follow(_ body: () async throws -> Void) async throws {
    let running = Task { await watcher.run() }
    defer {
      running.cancel()
      channel.finish()
      server.stop()
    }
    try await body()
  }

  /// Reads at least this many events. Returns fewer if the channel ends, as it does when the test is cancelled.
  func events(atLeast count: Int) async -> [ClusterEvent] {
    var result: [ClusterEvent] = []
    while result.count < count, case let batch = await channel.next(), !batch.isEmpty { result += batch }
    return result
  }

  func addService(_ name: String, clusterIP: String = "10.200.1.10") throws {
    try store.apply(json: ServiceJSON.text(name, clusterIP: clusterIP))
  }
}

extension Logger {
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
