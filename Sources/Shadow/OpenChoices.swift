import IPTables
import Inspection
import Planner
import RuleAnalysis
import ServiceModel

/// What kube-proxy leaves open. It keeps Services, endpoints and node addresses in Go maps, whose order is different in
/// each run. So the kernel may differ from the plan in these points although both proxies are right.
struct OpenChoices: Sendable {
  private let plan: ClusterPlan
  /// Services whose slices contradict each other.
  private let contradictory: Set<NamespacedName>
  /// Dispatch chains that are as planned but for the order of Services and node addresses.
  private let reordered: Set<ChainKey>

  /// - Parameter services: those of the differences. Each one's endpoints are looked at once.
  init(from actual: RuleSet, to expected: RuleSet, plan: ClusterPlan, services: some Sequence<NamespacedName>) {
    self.plan = plan
    contradictory = Set(services.filter { OpenChoices.hasContradictoryEndpoints($0, plan) })
    var reordered: Set<ChainKey> = []
    for (table, chains) in expected.tables {
      for (name, rules) in chains where ChainKey(table, name).isDispatch {
        guard let present = actual[table, name] else { continue }
        if OpenChoices.sorted(present) == OpenChoices.sorted(rules) { reordered.insert(ChainKey(table, name)) }
      }
    }
    self.reordered = reordered
  }

  /// Whether kube-proxy could have made this difference.
  func explain(_ item: DifferenceItem, of service: NamespacedName?) -> Bool {
    switch item.kind {
    case .movedRule where reordered.contains(item.chain): return true
    // With more than 1,000 endpoints kube-proxy deletes unused chains only now and then.
    case .extraChain where plan.isLargeCluster && item.chain.name.prefix != nil: return true
    default: break
    }
    guard let service, item.chain.name.prefix != nil || item.chain.isDispatch else { return false }
    return contradictory.contains(service)
  }

  /// Rules in an order that does not depend on a map: neighbouring rules of Services by Service port, and neighbouring
  /// jumps to KUBE-NODEPORTS by their text. The rules of one Service port keep their order, as kube-proxy writes them
  /// one after the other. All other rules keep their places.
  private static func sorted(_ rules: [Rule]) -> [Rule] {
    enum Run { case service, nodePorts, other }
    var result: [Rule] = []
    var run: (kind: Run, rules: [(key: String, rule: Rule)]) = (.other, [])
    func endRun() {
      // The sort of the standard library is stable.
      result += (run.kind == .other ? run.rules : run.rules.sorted { $0.key < $1.key }).map(\.rule)
    }
    for rule in rules.map(\.canonical) {
      let label = ServiceLabel(commentOf: rule)?.description
      let kind: Run = rule.jumpTarget == .nodePorts ? .nodePorts : label == nil ? .other : .service
      if kind != run.kind {
        endRun()
        run = (kind, [])
      }
      run.rules.append((kind == .nodePorts ? rule.description : label ?? "", rule))
    }
    endRun()
    return result
  }

  /// Whether several slices of a Service contradict each other about one address. In kube-proxy an entry that is not
  /// terminating wins over one that is. Among equals an arbitrary one wins.
  private static func hasContradictoryEndpoints(_ service: NamespacedName, _ plan: ClusterPlan) -> Bool {
    struct Place: Hashable {
      let port: EndpointSlice.Port
      let address: IPAddress
    }
    var entries: [Place: Set<Endpoint>] = [:]
    for slice in plan.snapshot.slices(of: service, family: plan.family) {
      for port in slice.ports {
        for endpoint in slice.endpoints {
          entries[Place(port: port, address: endpoint.address), default: []].insert(endpoint)
        }
      }
    }
    return entries.values.contains { entries in
      let current = entries.filter { !$0.isTerminating }
      return current.isEmpty ? entries.count > 1 : current.count > 1
    }
  }
}
