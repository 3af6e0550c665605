import ServiceModel

/// The order of jobs if there may not be enough time for all of them.
enum JobOrder {
  /// First one job of each kind for each backend, the cheapest one. Then the others, from cheap to expensive. Last the
  /// repetitions of earlier jobs. So the jobs that are left out cost the most or show the least.
  static func byWorth(_ jobs: [Job]) -> [Job] {
    struct Group: Hashable {
      let kind: Job.Kind
      let scenario: Scenario
    }
    let byCost = jobs.enumerated().map { (place: $0.offset, job: $0.element, cost: JobCost($0.element)) }
      .map { (place: $0.place, job: $0.job, seconds: $0.cost.seconds($0.job.repetitions)) }
      .sorted { ($0.seconds, $0.place) < ($1.seconds, $1.place) }
    var kinds: Set<Group> = []
    var seen: Set<Job> = []
    var tiers: [[Job]] = [[], [], []]
    for (_, job, _) in byCost {
      // All clusters of a backend are one group here.
      let group = Group(
        kind: job.kind, scenario: Scenario(backend: job.scenario.backend, family: .ipv4, services: 0, endpoints: 0))
      if !seen.insert(job).inserted {
        tiers[2].append(job)
      } else {
        tiers[kinds.insert(group).inserted ? 0 : 1].append(job)
      }
    }
    tiers[0] = kindsByWorth.flatMap { kind in tiers[0].filter { $0.kind == kind } }
    return tiers.flatMap { $0 }
  }

  /// Measurements of this program come before those of kube-proxy's form.
  private static let kindsByWorth: [Job.Kind] = [
    .program, .fullSync, .changes, .connect, .memory, .liveSync, .shadow, .kubeProxyStyle, .kubeProxyChanges,
  ]
}
