import IPTables
import ServiceModel
import Testing

@testable import Planner

/// The cost of adding or removing one Service in a cluster of 3,000.
@Suite(.timeLimit(.minutes(5))) struct SmallChangeTests {
  private func bytes(_ change: RuleChange) -> Int {
    var renderer = Renderer()
    for chain in change.chains {
      renderer.declare(chain.name)
      for rule in chain.rules { renderer.append(rule, to: chain.name) }
    }
    return renderer.bytes.count
  }

  struct Layout: Sendable, CustomTestStringConvertible {
    let reason: String
    let spread: Int
    /// Where further Services have their cluster IPs.
    let place: @Sendable (Int) -> Int
    /// A cluster IP far from all others that further Services have instead.
    var far: String?
    var testDescription: String { reason }
  }

  @Test(
    arguments: [
      Layout(reason: "cluster IPs in a row, a further one at its end", spread: 1) { $0 },
      Layout(reason: "cluster IPs all over the subnet, a further one anywhere", spread: 20) { $0 * 7919 % 65536 },
      Layout(
        reason: "cluster IPs in a row, a further one far away from them", spread: 1, place: { $0 }, far: "77.0.0.1"),
      Layout(
        reason: "cluster IPs all over the subnet, a further one far away from them", spread: 20, place: { $0 },
        far: "77.0.0.1"),
      Layout(
        reason: "cluster IPs in a row, a further one in the middle of nowhere", spread: 1, place: { $0 },
        far: "10.77.0.1"),
    ], IPFamily.allCases)
  func `adding or removing a Service changes a few chains`(_ layout: Layout, _ family: IPFamily) throws {
    let big = BigCluster(3000, spread: layout.spread)
    let text = FamilyText(family)
    let cluster = TestCluster(big.services, family, dispatch: .auto)
    var snapshot = cluster.snapshot
    var state = PlanState(options: cluster.options, snapshot: snapshot)
    var (mostChains, mostBytes) = (0, 0)
    func note(_ change: RuleChange?) throws -> RuleChange {
      let change = try #require(change)
      mostChains = max(mostChains, change.chains.count + change.removed.count)
      mostBytes = max(mostBytes, bytes(change))
      return change
    }
    for number in stride(from: 3000, to: 3060, by: 1) {
      var service = BigCluster.service(number, place: layout.place(number))
      if let far = layout.far { service.clusterIP = far }
      let name = service.namespacedName
      snapshot.set(service.service(text))
      for slice in service.endpointSlices(text) { snapshot.set(slice) }
      let added = try note(state.update([name], in: snapshot))
      #expect(!added.chains.isEmpty)
      snapshot.removeService(name)
      for slice in service.endpointSlices(text) { snapshot.removeSlice(slice.name) }
      _ = try note(state.update([name], in: snapshot))
    }
    for number in stride(from: 5, to: 3000, by: 101) {
      let name = big.services[number].namespacedName
      snapshot.removeService(name)
      _ = try note(state.update([name], in: snapshot))
      snapshot.set(big.services[number].service(text))
      _ = try note(state.update([name], in: snapshot))
    }
    #expect(mostChains <= 30)
    #expect(mostBytes < 32_000, "all rules together are millions of bytes")
  }

  @Test func `nothing that matters changed: nothing is written`() {
    let big = BigCluster(300)
    let cluster = TestCluster(big.services, .ipv4, dispatch: .auto)
    var state = PlanState(options: cluster.options, snapshot: cluster.snapshot)
    let change = state.update([NamespacedName(namespace: "default", name: "unknown")!], in: cluster.snapshot)
    #expect(change == RuleChange())
  }
}
