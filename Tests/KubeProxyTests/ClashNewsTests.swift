import Doubles
import Logging
import Planner
import ServiceModel
import Testing
import Time
import Watcher

@testable import KubeProxy
@testable import StatusPage

/// What the daemon reports about Services that claim one address. Service sN has cluster IP 10.96.0.N.
@Suite(.timeLimit(.minutes(5))) struct ClashNewsTests {
  private static func service(_ number: Int, external: Bool = true, port: UInt16 = 80) -> Service {
    let name = NamespacedName(namespace: "default", name: "s\(number)")!
    return Service(
      name: name, clusterIPs: [IPAddress("10.96.0.\(number)")!],
      externalIPs: external ? [IPAddress("198.51.100.1")!] : [],
      ports: [Service.Port(name: ServicePortName(service: name, port: "", transport: .tcp)!, port: port)])
  }

  private func cluster(_ services: [Service], _ slices: [EndpointSlice] = []) async -> ClusterState {
    let cluster = ClusterState(
      families: [.ipv4], start: .epoch, flushTCP: false,
      options: { family, _ in PlannerOptions(family: family, nodeName: "node") }, localAddresses: { [] })
    _ = await cluster.apply([.replaceServices(services), .replaceSlices(slices), .replaceNodes([])])
    return cluster
  }

  private func news(_ cluster: ClusterState, _ events: [ClusterEvent] = []) async throws -> ClashNews? {
    _ = await cluster.apply(events)
    _ = try #require(await cluster.takeWork(.ipv4))
    return await cluster.takeClashNews(.ipv4)
  }

  @Test func `each clash is reported once, and again when it changes`() async throws {
    let cluster = await cluster([Self.service(1), Self.service(2)])
    let first = try #require(try await news(cluster))
    #expect(first.appeared.map(\.winner.port.service.name) == ["s1"])
    #expect(first.resolved == [])
    #expect(try await news(cluster, [.setService(Self.service(9, external: false))]) == nil, "another Service")
    await cluster.invalidate(.ipv4, reason: "test")
    #expect(try await news(cluster) == nil, "everything was planned anew, and nothing changed")

    let second = try #require(try await news(cluster, [.setSlice(NumberedObjects.slice(2))]))
    #expect(second.appeared.map(\.winner.port.service.name) == ["s2"], "it has an endpoint now")
    let third = try #require(try await news(cluster, [.setService(Self.service(3))]))
    #expect(third.appeared.map(\.claims.count) == [3])
    #expect(cluster.clashes == [.ipv4: third.appeared])

    let last = try #require(
      try await news(cluster, [.removeService(Self.service(1).name), .setService(Self.service(3, port: 81))]))
    #expect(last.appeared == [])
    #expect(last.resolved == third.appeared)
    #expect(cluster.clashes == [.ipv4: []])
  }

  @Test func `the log names the Services and which one wins`() async throws {
    let cluster = await cluster(
      [Self.service(1), Self.service(2)], [NumberedObjects.slice(1), NumberedObjects.slice(2)])
    let log = LogCollector()
    ClashLog(log.logger).report(try #require(try await news(cluster)), .ipv4)
    let entry = try #require(log.entries.first)
    #expect(log.entries.count == 1)
    #expect(entry.level == .warning)
    #expect(entry.message == "several Services claim the same address and port")
    #expect(
      entry.metadata == [
        "family": "IPv4", "address": "198.51.100.1:80/TCP", "wins": "default/s1 (external IP)",
        "loses": "default/s2 (external IP)",
        "reason": "claims of the same kind are ordered by namespace, name and port name, and the first one wins",
      ])
    let over = try #require(try await news(cluster, [.removeService(Self.service(1).name)]))
    ClashLog(log.logger).report(over, .ipv4)
    #expect(log.entries.map(\.level) == [.warning, .notice])
    #expect(log.entries.last?.metadata == ["family": "IPv4", "address": "198.51.100.1:80/TCP"])
  }

  @Test func `the status page explains a Service beside its rivals`() async throws {
    let services = (1...6).map { Self.service($0, external: $0 != 6) }
    let list = ClashList(families: await cluster(services).planned())
    func name(_ number: Int) -> NamespacedName { Self.service(number).name }
    #expect(list.rivals(of: name(5)) == [name(1), name(2), name(3)])
    #expect(list.rivals(of: name(1)) == [name(2), name(3)])
    #expect(list.rivals(of: name(6)) == [])
  }

  @Test func `the log is not flooded`() async throws {
    let services = (1...2).map { number in
      var service = Self.service(number)
      service.externalIPs = (1...250).map { IPAddress("198.51.100.\($0)")! }
      return service
    }
    let log = LogCollector()
    ClashLog(log.logger).report(try #require(try await news(await cluster(services))), .ipv4)
    #expect(log.entries.count == 101)
    #expect(log.entries.last?.metadata == ["family": "IPv4", "addresses": "150"])
  }
}

extension ClusterState {
  /// The clashes after everything was planned.
  fileprivate nonisolated func planned() async -> [IPFamily: [AddressClash]] {
    _ = await takeWork(.ipv4)
    _ = await takeClashNews(.ipv4)
    return clashes
  }
}
