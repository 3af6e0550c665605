import Applier
import Planner
import ServiceModel

/// The jobs of a benchmark run.
package struct BenchmarkPlan: Sendable {
  var jobs: [Job]

  init(jobs: [Job]) { self.jobs = jobs }

  /// What can be measured of one cluster.
  package enum Part: String, Sendable, CaseIterable {
    case fullSync = "full-sync"
    case liveSync = "live-sync"
    case changes, connect, memory, shadow

    init?(_ kind: Job.Kind) {
      switch kind {
      case .fullSync, .kubeProxyStyle: self = .fullSync
      case .liveSync: self = .liveSync
      case .changes, .kubeProxyChanges: self = .changes
      case .connect: self = .connect
      case .memory: self = .memory
      case .shadow: self = .shadow
      case .program: return nil
      }
    }
  }

  /// What a cluster's rules can be compared with.
  package enum Comparison: String, Sendable, CaseIterable {
    /// The same rules in kube-proxy's form. On nf_tables, this takes minutes for clusters of several thousand Services.
    case kubeProxyStyle = "kube-proxy-style"
    /// The same cluster with a chain for each endpoint. Both forms are measured in turns.
    case chains
  }

  /// Everything about one cluster, on the requested backends and in the requested family.
  ///
  /// - Parameter parts: the parts to measure; all parts if it is empty.
  package init(
    _ scenario: Scenario, backends: [Backend], repetitions: Int, comparisons: [Comparison] = [], parts: [Part] = []
  ) {
    jobs = []
    for backend in backends {
      let scenario = scenario.with { $0.backend = backend }
      let isSynthetic = scenario.manifests == nil
      let forms = [scenario] + (comparisons.contains(.chains) ? [scenario.with { $0.endpointRules = .chains }] : [])
      for _ in 0..<min(3, repetitions) {
        jobs += forms.map { Job(kind: .fullSync, scenario: $0, repetitions: 1) }
      }
      jobs += forms.map { Job(kind: .memory, scenario: $0, repetitions: 50) }
      if isSynthetic {
        jobs.append(Job(kind: .liveSync, scenario: scenario, repetitions: 1))
        jobs += forms.map { Job(kind: .changes, scenario: $0, repetitions: repetitions) }
        if scenario.services >= 6 {
          jobs += BenchmarkPlan.besideFlat(forms).map { Job(kind: .connect, scenario: $0, repetitions: 300) }
        }
      }
      jobs.append(Job(kind: .shadow, scenario: BenchmarkPlan.beside(scenario), repetitions: 1))
      guard comparisons.contains(.kubeProxyStyle) else { continue }
      jobs.append(Job(kind: .kubeProxyStyle, scenario: scenario, repetitions: 1))
      if isSynthetic { jobs.append(Job(kind: .kubeProxyChanges, scenario: scenario, repetitions: 5)) }
    }
    if !parts.isEmpty { jobs.removeAll { job in !parts.contains { $0 == Part(job.kind) } } }
  }

  /// The user's program and this one, each next to an API server that shows the same cluster.
  package init(comparing peer: MeasuredProgram, _ scenario: Scenario, repetitions: Int) {
    jobs = [peer, .own(restTime: peer.restTime)].map { program in
      Job(kind: .program, scenario: scenario.with { $0.program = program }, repetitions: repetitions)
    }
  }

  /// The table of docs/benchmarks.md.
  package static var standard: BenchmarkPlan {
    func nft(_ services: Int, _ endpoints: Int) -> Scenario {
      Scenario(backend: .nft, family: .ipv4, services: services, endpoints: endpoints)
    }
    func legacy(_ services: Int, _ endpoints: Int) -> Scenario {
      nft(services, endpoints).with { $0.backend = .legacy }
    }
    func ipv6(_ scenario: Scenario) -> Scenario { scenario.with { $0.family = .ipv6 } }

    var jobs: [Job] = []
    func add(_ kind: Job.Kind, _ scenarios: [Scenario], repetitions: Int = 1, times: Int = 1) {
      for scenario in scenarios {
        jobs += Array(repeating: Job(kind: kind, scenario: scenario, repetitions: repetitions), count: times)
      }
    }
    func chains(_ scenario: Scenario) -> Scenario { scenario.with { $0.endpointRules = .chains } }
    add(.fullSync, [nft(100, 10), nft(500, 10), nft(1000, 10), legacy(1000, 10), chains(legacy(1000, 10))], times: 3)
    add(.fullSync, [nft(5000, 10), nft(10000, 10), nft(5000, 50), nft(44000, 1), nft(30000, 3)])
    add(.fullSync, [nft(2000, 100), nft(500, 250), ipv6(nft(5000, 10)), legacy(5000, 10)])
    add(.fullSync, [chains(nft(5000, 10)), chains(nft(10000, 10)), chains(nft(5000, 50)), chains(legacy(5000, 10))])
    add(.liveSync, [nft(1000, 10)])
    add(.kubeProxyStyle, [nft(500, 10), nft(1000, 10), legacy(1000, 10), legacy(5000, 10)])
    add(.changes, [nft(100, 10), nft(1000, 10)], repetitions: 12)
    add(.changes, [nft(5000, 10), chains(nft(5000, 10)), nft(10000, 10), chains(nft(10000, 10))], repetitions: 6)
    add(.changes, [legacy(1000, 10), legacy(5000, 10), chains(legacy(5000, 10))], repetitions: 5)
    add(.kubeProxyChanges, [nft(100, 10), nft(1000, 10)], repetitions: 5)
    add(.kubeProxyChanges, [nft(10000, 10)], repetitions: 3)
    let connections = [nft(10000, 1), ipv6(nft(10000, 1)), legacy(10000, 1), ipv6(legacy(10000, 1)), nft(30000, 1)]
    add(.connect, besideFlat(connections), repetitions: 250)
    add(.connect, [chains(nft(10000, 1)), chains(legacy(10000, 1))], repetitions: 250)
    add(.memory, [nft(1000, 10), nft(5000, 10), nft(5000, 50)], repetitions: 30)
    return BenchmarkPlan(jobs: jobs)
  }

  /// The cluster with rules in kube-proxy's form, which are what a shadow finds in the kernel.
  private static func beside(_ scenario: Scenario) -> Scenario {
    scenario.with {
      $0.dispatch = .flat
      $0.endpointRules = .chains
    }
  }

  /// Each cluster in its own form, and with flat dispatch chains.
  private static func besideFlat(_ scenarios: [Scenario]) -> [Scenario] {
    scenarios.flatMap { $0.dispatch == .flat ? [$0] : [$0, $0.with { $0.dispatch = .flat }] }
  }
}
