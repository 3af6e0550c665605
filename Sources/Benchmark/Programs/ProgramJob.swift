import Applier
import ServiceModel
import System

/// A whole service proxy, measured from outside: it runs as on a node, next to an API server that shows it a synthetic
/// cluster. The same is done to the user's program and to this one.
struct ProgramJob {
  let scenario: Scenario
  let program: MeasuredProgram
  let repetitions: Int
  /// How long the whole job may take.
  let seconds: Double

  /// Returns what was measured until something failed, with a note of what failed.
  func run() async throws -> JobResult {
    guard scenario.manifests == nil, scenario.services >= 2 else {
      throw BenchmarkError.unusable("programs are measured in synthetic clusters of at least 2 Services")
    }
    return try await OwnThread.run("measuring") { Result { try measure() } }.get()
  }

  private func measure() throws -> JobResult {
    try OwnNamespace.requireOwn()
    let cluster = SyntheticCluster(scenario)
    let served = ServedCluster(cluster)
    let probe = try ServiceProbe(scenario.family)
    let server = try APIServer(served)
    let generation = scenario.backend == .nft || program.mode == .nftables ? try NFTablesGeneration() : nil
    var session = ProgramSession(
      scenario: scenario, cluster: cluster, served: served, probe: probe, seconds: seconds, restTime: program.restTime)
    do {
      // Made on this thread, because it counts what this thread starts.
      let executions = ExecutionCounter()
      let running = try RunningProgram(program.commandLine(server: server.port, scenario))
      defer { running.stop() }
      let gauges = ProgramGauges(pid: running.pid, generation: generation, executions: executions)
      try running.explaining { try session.measure(running, gauges, repetitions: repetitions) }
      return JobResult(session.measurements)
    } catch {
      return JobResult(session.measurements, note: "\(program.label) could not be measured to the end: \(error)")
    }
  }
}
