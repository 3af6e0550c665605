import Mutations
import ServiceModel
import Testing

@testable import Planner

/// Clashes that are kept up to date change by change. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct ClashUpdateTests {
  @Test(arguments: DispatchMode.allCases, IPFamily.allCases)
  func `updates in any order end in the clashes of one full plan`(_ dispatch: DispatchMode, _ family: IPFamily) {
    var generator = SplitMix64(seed: 11)
    var cluster = TestCluster([], family, dispatch: dispatch)
    for number in 0..<60 { cluster.add(Self.service(number, &generator)) }
    var state = PlanState(options: cluster.options, snapshot: cluster.snapshot)
    var sizes: Set<Int> = []
    var changes = 0
    for step in 0..<40 {
      let before = state.clashes
      var changed: Set<NamespacedName> = []
      for _ in 0..<[1, 1, 3, 12][step % 4] {
        let service = Self.service(Int.random(in: 0..<70, using: &generator), &generator)
        changed.insert(service.namespacedName)
        if Int.random(in: 0..<4, using: &generator) == 0 {
          cluster.remove(service)
        } else {
          cluster.add(service)
        }
      }
      #expect(state.update(changed, in: cluster.snapshot) != nil)
      let expected = cluster.plan.clashes
      #expect(state.clashes.values.sorted { $0.address < $1.address } == expected)
      let differing = Set(before.keys).union(state.clashes.keys).filter { before[$0] != state.clashes[$0] }
      #expect(state.takeChangedClashes() == differing)
      sizes.insert(expected.count)
      changes += differing.count
    }
    #expect(sizes.count > 5, "clashes came and went")
    #expect(changes > 100)
  }

  /// Few addresses and ports, so that Services meet.
  private static func service(_ number: Int, _ generator: inout SplitMix64) -> TestService {
    func random(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
    var service = TestService(name: "s\(number)", clusterIP: "10.200.1.\(number)")
    let nodePort = random(0..<3) == 0 ? UInt16(30000 + random(0..<12)) : nil
    service.ports = [
      TestPort(
        transport: random(0..<3) == 0 ? .udp : .tcp, port: random(0..<8) == 0 ? 30001 : UInt16(80 + random(0..<3)),
        nodePort: nodePort)
    ]
    let pool = ["198.51.100.\(random(0..<9))", "10.200.1.\(random(0..<70))", "172.18.0.3"]
    service.externalIPs = random(0..<3) == 0 ? [pool[random(0..<3)]] : []
    service.ingress = random(0..<3) == 0 ? [pool[random(0..<3)]] : []
    service.sourceRanges = random(0..<3) == 0 ? ["192.0.2.0/24"] : []
    service.external = random(0..<3) == 0 ? .local : .cluster
    service.internal = random(0..<5) == 0 ? .local : .cluster
    service.endpoints = [[], ["10.10.1.5"], ["10.10.2.5"]][random(0..<3)]
    return service
  }

  @Test func `an endpoint that comes or goes changes no clash`() {
    var cluster = TestCluster(
      ["a", "b"].map { AddressClashTests.service($0) { $0.externalIPs = ["198.51.100.1"] } }, .ipv4)
    var state = PlanState(options: cluster.options, snapshot: cluster.snapshot)
    let before = state.clashes
    #expect(before.count == 1)
    cluster.add(
      AddressClashTests.service("a") {
        $0.externalIPs = ["198.51.100.1"]
        $0.endpoints = ["10.10.2.7", "10.10.2.8"]
      })
    #expect(state.update([NamespacedName(namespace: "default", name: "a")!], in: cluster.snapshot) != nil)
    #expect(state.takeChangedClashes() == [])
    #expect(state.clashes == before)
  }
}
