import Applier
import KubeProxy
import Planner
import ServiceModel
import Shadow
import System
import Time

/// How long `--shadow` takes to compare the kernel's rules with the plan.
struct ShadowJob {
  let scenario: Scenario
  let repetitions: Int

  func run() async throws -> [Measurement] {
    let proxy = Proxy(scenario)
    try await proxy.load()
    try await proxy.sync()
    let snapshot = await proxy.cluster.snapshot
    let plan = ClusterPlan(options: scenario.options, snapshot: snapshot)
    let reading = KernelRuleReading(scenario.backend)
    let comparison = ShadowComparison(reading: reading)

    var measurements = try await measure(.shadowWhole, .shadowWholeCPU) { try await comparison.whole(plan) }
    if reading.readsSingleChains, let service = snapshot.services.keys.min() {
      measurements += try await measure(.shadowPart, .shadowPartCPU) { try await comparison.part(plan, [service]) }
    }
    return measurements
  }

  /// Measures one kind of comparison. It throws if the comparison reports a difference, because the rules were just
  /// written.
  private func measure(
    _ duration: Quantity, _ cpu: Quantity, _ compare: () async throws -> ShadowComparison.Outcome
  ) async throws -> [Measurement] {
    var durations: [Double] = []
    var costs: [Double] = []
    for _ in 0..<repetitions {
      var watch = Stopwatch()
      let before = CPUTime.used()
      let outcome = try await compare()
      durations.append(watch.lap())
      costs.append((CPUTime.used() - before).inSeconds)
      if let finding = outcome.findings.first {
        throw BenchmarkError.unusable("a comparison reports a difference that is not there: \(finding.text)")
      }
    }
    return [Measurement(duration, of: scenario, durations), Measurement(cpu, of: scenario, costs)]
  }
}
