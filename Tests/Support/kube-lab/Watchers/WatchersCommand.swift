import APIServerFixture
import ArgumentParser
import Configuration
import Foundation
import KubernetesAPI
import Lab
import Time
import Watcher

struct WatchersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watchers",
    abstract: "Measure the cost of many nodes for an API server: bytes, events and memory for each node.",
    discussion: """
      Holds the watches of many nodes in one process, with one connection for each node. Without --kubeconfig \
      they follow the lab's API server in the same process, in which one EndpointSlice changes again and again; with it \
      they follow that API server for --seconds, and whatever changes there is counted. Needs no root.
      """)

  @Option(help: "How many nodes.") var count = 200
  @Option(help: ArgumentHelp("The API server to follow.", valueName: "file"), completion: .file())
  var kubeconfig: String?
  @Option(help: "With --kubeconfig: for how long.") var seconds = 60
  @Option(help: "Without --kubeconfig: how many Services there are, each with a slice.") var services = 10
  @Option(help: "Without --kubeconfig: endpoints of each slice.") var endpoints = 100
  @Option(help: "Without --kubeconfig: how often one slice changes.") var changes = 20
  @Flag(help: "Ask only for JSON, for a comparison.") var json = false
  @Flag(help: "Follow ServiceCIDRs too, as with --service-subnet auto.") var serviceCidrs = false

  func validate() throws {
    guard count > 0, seconds > 0, services > 0, changes >= 0, endpoints > 0 else {
      throw ValidationError(
        "--count, --seconds, --services and --endpoints must be positive, and --changes must not be negative")
    }
  }

  func run() async throws {
    if let kubeconfig {
      try await follow(try Kubeconfig.read(kubeconfig)) { _ in try await Task.sleep(for: .seconds(seconds)) }
    } else {
      let cluster = try WatchedLab(services: services, endpoints: endpoints)
      defer { cluster.server.stop() }
      try await follow(APIServerConnection(server: cluster.server.url)) { nodes in
        for change in 0..<changes {
          try cluster.change(change)
          // Wait after each change, so that no event contains two changes.
          for node in nodes { await node.waitForEvents(change + 1) }
        }
      }
    }
  }

  private func follow(
    _ connection: APIServerConnection, _ body: ([WatchingNode]) async throws -> Void
  ) async throws {
    let before = try ResidentMemory(of: getpid()).anonymous
    let nodes = try (0..<count).map { index in
      try WatchingNode("node-\(index)", connection, acceptsJSONAlone: json, followsServiceCIDRs: serviceCidrs)
    }
    let running = nodes.map { node in Task { await node.run() } }
    defer { for task in running { task.cancel() } }
    for node in nodes { await node.waitForStart() }
    let start = WatchersTable.Moment(nodes, anonymous: try ResidentMemory(of: getpid()).anonymous)
    try await body(nodes)
    let end = WatchersTable.Moment(nodes, anonymous: try ResidentMemory(of: getpid()).anonymous)
    Screen.text(WatchersTable(nodes: count, anonymousBefore: before, start: start, end: end).text)
  }
}
