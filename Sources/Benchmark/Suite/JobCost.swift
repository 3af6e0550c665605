import Applier
import Planner

/// How long a job takes on the machine of docs/benchmarks.md, in seconds. The estimates are rough.
///
/// `TimeBudget` learns the pace of another machine from the jobs that are done, so only the proportions matter.
struct JobCost: Equatable {
  /// The time before the first repetition.
  let fixed: Double
  /// The time of each repetition.
  let each: Double
  /// With fewer repetitions there is no useful median.
  let fewest: Int

  func seconds(_ repetitions: Int) -> Double { fixed + each * Double(repetitions) }

  init(_ job: Job) {
    let scenario = job.scenario
    let services = Double(scenario.services)
    // Three rules for each endpoint and one for each Service.
    let rules = services * Double(3 * scenario.endpoints + 1)
    let isNFT = scenario.backend == .nft
    let rule = isNFT ? 35e-6 : 15e-6
    // On nf_tables a commit walks the chains; on the legacy backend it replaces the whole table.
    let commit = isNFT ? 0.015 + services * 27e-6 : 0.01 + rules * 3.7e-6
    let sync = 0.2 + rules * rule
    switch job.kind {
    case .fullSync: self.init(fixed: 2.2 * sync + rules * 10e-6)
    case .kubeProxyStyle:
      // With one transaction, iptables-nft-restore's time is quadratic in the number of chains.
      self.init(fixed: 0.2 + (isNFT ? 4.4 * (rules / 31_000) * (rules / 31_000) : rules * 15e-6) + rules * 10e-6)
    case .liveSync: self.init(fixed: 4 * sync)
    case .changes: self.init(fixed: sync + 4 * commit, each: 7 * commit, fewest: 3)
    case .kubeProxyChanges: self.init(fixed: sync + 4 * commit, each: 4 * commit + 0.05, fewest: 2)
    case .connect:
      let connection = scenario.dispatch == .flat ? 25e-6 + services * 10e-9 : 25e-6
      self.init(fixed: sync + 0.5, each: 70 * connection, fewest: 50)
    case .memory: self.init(fixed: sync, each: commit, fewest: 5)
    case .shadow: self.init(fixed: 1.1 * sync, each: sync)
    case .program:
      // The program rests before each change: three of each repetition, and three rolling updates.
      let rest = scenario.program?.restTime ?? MeasuredProgram.defaultRestTime
      self.init(fixed: 2 * sync + 4 + 3 * rest, each: 3 * (commit + rest + 0.1), fewest: 1)
    }
  }

  private init(fixed: Double, each: Double = 0, fewest: Int = 1) {
    self.fixed = fixed
    self.each = each
    self.fewest = fewest
  }
}
