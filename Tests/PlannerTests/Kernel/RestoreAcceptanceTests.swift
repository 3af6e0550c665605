import Applier
import ApplierSupport
import IPTables
import Lab
import ServiceModel
import Testing

@testable import Planner

/// The programs and the kernel take every plan, and give back the rules that were meant.
@Suite(.enabled(if: ScratchNamespace.isPossible, "network namespaces need root"), .timeLimit(.minutes(10)))
struct RestoreAcceptanceTests {
  @Test(arguments: Kernel.all) func `random clusters are accepted`(_ kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      let forms = DispatchMode.allCases.flatMap { dispatch in
        [EndpointRuleMode.chains, .compact].map { (dispatch, $0) }
      }
      for (seed, (dispatch, form)) in zip((1 as UInt64)..., forms) {
        let cluster = RandomCluster(seed: seed, size: 150, family: kernel.family)
        var options = PlannerOptions(family: kernel.family, nodeName: "here")
        options.dispatch = dispatch
        options.endpointRules = form
        options.serviceSubnets = [cluster.text.cidr("10.96.0.0/16")]
        options.localTraffic = .source(cluster.text.cidr("10.10.0.0/16"))
        let input = restoreInput(ClusterPlan(options: options, snapshot: cluster.snapshot))
        let result = try await Command([kernel.program, "-w", "--test", "--noflush"], input: input).result(
          in: scratch.namespace)
        #expect(result.status == 0, "\(dispatch): \(result.errors)")
      }
    }
  }

  @Test(arguments: Kernel.all, [EndpointRuleMode.chains, .compact])
  func `the kernel gives back what was planned`(_ kernel: Kernel, _ form: EndpointRuleMode) async throws {
    try await ScratchNamespace.with { scratch in
      let services = BigCluster(130).services
      let cluster = TestCluster(services, kernel.family, dispatch: .auto, endpointRules: form) { options, text in
        options.serviceSubnets = [text.cidr("10.200.0.0/16")]
      }
      try await scratch.restore(kernel.backend, kernel.family, restoreInput(cluster.plan))
      let planned = RuleSet(cluster.plan)
      for table in Table.allCases {
        let held = try await scratch.rules(kernel.backend, kernel.family, table)
        for chain in planned.chains(of: table) {
          #expect(held[table, chain.name]?.map(\.canonical) == chain.rules.map(\.canonical), "\(table) \(chain.name)")
        }
      }
    }
  }

  @Test(arguments: Kernel.all, [EndpointRuleMode.chains, .compact])
  func `the deepest nesting is accepted`(_ kernel: Kernel, _ form: EndpointRuleMode) async throws {
    try await ScratchNamespace.with { scratch in
      let services = DeepCluster().services
      let cluster = TestCluster(services, kernel.family, dispatch: .indexed, endpointRules: form) { options, text in
        options.serviceSubnets = [text.cidr("10.200.0.0/16")]
      }
      try await scratch.restore(kernel.backend, kernel.family, restoreInput(cluster.plan))
      let held = try await scratch.rules(kernel.backend, kernel.family, .nat)
      #expect(held[.nat, .services]?.isEmpty == false)
    }
  }

  /// The whole plan as input for an empty kernel.
  private func restoreInput(_ plan: ClusterPlan) -> String {
    let rules = RuleSet(plan)
    var renderer = Renderer()
    for table in Table.allCases {
      renderer.begin(table)
      let chains = rules.chains(of: table)
      for chain in chains where !ChainName.builtIn(table).contains(chain.name) { renderer.declare(chain.name) }
      for chain in chains { for rule in chain.rules { renderer.append(rule, to: chain.name) } }
      renderer.commit()
    }
    return String(decoding: renderer.take(), as: UTF8.self)
  }
}

extension Kernel {
  fileprivate var program: String { "\(family == .ipv4 ? "iptables" : "ip6tables")-\(backend.rawValue)-restore" }
}
