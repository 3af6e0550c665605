import IPTables
import ServiceModel

@testable import Planner

/// Services, planned for one family.
struct TestCluster {
  let text: FamilyText
  var options: PlannerOptions
  private(set) var snapshot = ClusterSnapshot()

  init(
    _ services: [TestService], _ family: IPFamily, dispatch: DispatchMode = .flat,
    endpointRules: EndpointRuleMode = .chains,
    _ configure: (inout PlannerOptions, FamilyText) -> Void = { _, _ in }
  ) {
    text = FamilyText(family)
    options = PlannerOptions(family: family, nodeName: "here")
    options.zone = "a"
    options.nodeIP = text.address("172.18.0.3")
    options.localTraffic = .source(text.cidr("10.10.0.0/16"))
    options.dispatch = dispatch
    options.endpointRules = endpointRules
    configure(&options, text)
    for service in services { add(service) }
  }

  mutating func add(_ service: TestService) {
    snapshot.set(service.service(text))
    for slice in service.endpointSlices(text) { snapshot.set(slice) }
  }

  mutating func remove(_ service: TestService) {
    snapshot.removeService(service.namespacedName)
    for slice in service.endpointSlices(text) { snapshot.removeSlice(slice.name) }
  }

  mutating func insert(_ slice: EndpointSlice) { snapshot.set(slice) }

  var plan: ClusterPlan { ClusterPlan(options: options, snapshot: snapshot) }

  /// All rules that there are because of Services, one a line: `TABLE CHAIN RULE`.
  ///
  /// Hashes in chain names are replaced by what they were made of: `KUBE-SVC-web:http`, `KUBE-SEP-web/10.10.1.5:8080`.
  var serviceRules: String {
    var lines: [String] = []
    let fixed: Set<ChainName> = [.kubeForward, .kubePostrouting, .markMasquerade, .kubeFirewall]
    plan.forEachChain { chain in
      guard !fixed.contains(chain.name) else { return }
      for rule in chain.rules where rule.jumpTarget != .nodePorts {
        lines.append("\(chain.table.rawValue) \(chain.name) \(rule)")
      }
    }
    return readable(lines.joined(separator: "\n"))
  }

  /// The rules of one chain, one a line.
  func rules(_ table: Table, _ chain: ChainName) -> String {
    readable((RuleSet(plan)[table, chain] ?? []).map(\.description).joined(separator: "\n"))
  }

  func readable(_ rules: String) -> String {
    var result = rules
    for (name, label) in labels { result = result.replacing(name, with: label) }
    return result
  }

  /// What each hashed chain name stands for.
  private var labels: [String: String] {
    var labels: [String: String] = [:]
    plan.forEachServicePort { port in
      let name = port.name.description.dropFirst("default/".count)
      for prefix in ChainName.Prefix.allCases {
        labels[ChainNaming.chain(prefix, of: port.name).description] = "\(prefix.rawValue)\(name)"
      }
      for (chain, endpoint) in port.endpoints { labels[chain.description] = "KUBE-SEP-\(name)/\(endpoint)" }
    }
    return labels
  }
}
