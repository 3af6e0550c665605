import Configuration
import Doubles
import KubernetesAPI
import Logging
import Planner
import ServiceModel
import Testing
import Time
import Watcher

@testable import KubeProxy

/// The own Node object is created or deleted, or it never exists.
@Suite(.timeLimit(.minutes(5))) struct OwnNodeTests {
  private static let node = Node(
    name: "node-a", zone: "a", addresses: [IPAddress("192.0.2.11")!], podCIDRs: [CIDR("10.244.1.0/24")!])

  private func configuration(_ change: (inout KubeProxyConfiguration) -> Void) throws -> ProxyConfiguration {
    var configuration = KubeProxyConfiguration()
    configuration.applyDefaults()
    change(&configuration)
    return try configuration.checked(in: ConfigurationContext(hostname: "node-a"))
  }

  private func cluster(_ configuration: ProxyConfiguration) -> ClusterState {
    let source = PlannerOptionsSource(configuration: configuration, extra: ExtraSettings())
    let host = PlannerSurroundings(interfaceAddresses: [IPAddress("192.0.2.11")!], features: [:])
    return ClusterState(
      families: [.ipv4], start: .epoch, flushTCP: false,
      node: OwnNode(name: "node-a", needsPodCIDRs: configuration.detectLocalMode == .nodeCIDR),
      options: { source.options($0, snapshot: $1, host: host) }, localAddresses: { [] })
  }

  @Test func `a deleted Node keeps its node ports on its primary address`() async throws {
    let cluster = cluster(try configuration { $0.nodePortAddresses = ["primary"] })
    _ = await cluster.apply([.replaceServices([]), .replaceSlices([]), .replaceNodes([Self.node])])
    let before = await cluster.options(of: .ipv4)
    #expect(before.nodePortAddresses == .only([IPAddress("192.0.2.11")!], loopback: false))
    _ = await cluster.apply([.removeNode("node-a")])
    #expect(await cluster.options(of: .ipv4) == before)
    #expect(await cluster.snapshot.nodes.isEmpty, "health goes by what there is")
    _ = await cluster.apply([.replaceNodes([])])
    #expect(await cluster.options(of: .ipv4) == before)
  }

  @Test func `a deleted Node keeps its pod CIDR`() async throws {
    let cluster = cluster(try configuration { $0.detectLocalMode = "NodeCIDR" })
    _ = await cluster.apply([.replaceServices([]), .replaceSlices([]), .replaceNodes([Self.node])])
    #expect(await cluster.options(of: .ipv4).localTraffic == .source(CIDR("10.244.1.0/24")!))
    _ = await cluster.takeWork(.ipv4)
    _ = await cluster.apply([.removeNode("node-a")])
    #expect(await cluster.options(of: .ipv4).localTraffic == .source(CIDR("10.244.1.0/24")!))
    #expect(await cluster.takeWork(.ipv4) == nil, "nothing changes")
  }

  @Test func `in mode NodeCIDR nothing is written before the CIDR is known`() async throws {
    let cluster = cluster(try configuration { $0.detectLocalMode = "NodeCIDR" })
    _ = await cluster.apply([.replaceServices([]), .replaceSlices([]), .replaceNodes([])])
    #expect(await cluster.isListed)
    #expect(await !cluster.isComplete)
    #expect(await cluster.takeWork(.ipv4) == nil)
    _ = await cluster.apply([.setNode(Node(name: "node-a"))])
    #expect(await cluster.takeWork(.ipv4) == nil)
    _ = await cluster.apply([.setNode(Self.node)])
    #expect(await cluster.takeWork(.ipv4) != nil)
  }

  @Test func `each change of the Node's presence is one log line`() {
    let log = LogCollector()
    let presence = NodePresence(name: "node-a", needsPodCIDRs: false, logger: log.logger)
    let others = ["node-b": Node(name: "node-b"), "zebra": Node(name: "zebra")]
    presence.update(others)
    presence.update(others)
    presence.remind()
    #expect(log.entries.map(\.level) == [.warning, .warning])
    #expect(log.entries.first?.metadata["node"] == "node-a")
    #expect(log.entries.first?.metadata["nearest"] == "node-b, zebra")
    presence.update(["node-a": Self.node])
    presence.remind()
    presence.update([:])
    presence.update([:])
    #expect(log.entries.dropFirst(2).map(\.level) == [.notice, .warning])
    #expect(log.entries.last?.message.hasPrefix("the Node is gone") == true)
  }

  @Test func `a Node without pod CIDR is named in mode NodeCIDR`() {
    let log = LogCollector()
    let presence = NodePresence(name: "node-a", needsPodCIDRs: true, logger: log.logger)
    presence.update(["node-a": Node(name: "node-a")])
    presence.update(["node-a": Self.node])
    #expect(log.entries.map(\.level) == [.warning, .notice])
    #expect(log.entries.first?.message.hasPrefix("the Node has no pod CIDR") == true)
  }

  @Test(arguments: [
    ("worker-1", ["worker-2", "control-plane", "worker-10", "edge"], ["worker-10", "worker-2", "edge"]),
    ("worker-1", [], []), ("", ["a"], ["a"]),
  ])
  func `nearest names`(wanted: String, names: [String], nearest: [String]) {
    #expect(MissingNode(wanted, among: names).nearest == nearest)
  }

  @Test func `reminders become less frequent`() async {
    let clock = PromptClock(limit: 7)
    let presence = NodePresence(name: "node-a", needsPodCIDRs: false, logger: LogCollector().logger)
    let task = Task { await NodeReminder(presence: presence, clock: clock).run() }
    let pauses = await clock.slept { $0.count == 8 }
    task.cancel()
    #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds(60 * $0) })
  }
}
