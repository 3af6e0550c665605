import Planner
import ServiceModel
import Shadow
import Synchronization
import System
import Time
import Watcher

/// Compares the kernel's rules with the plan: after changes and periodically, never twice at the same time.
final class ShadowWatch: Sendable {
  private let families: [IPFamily]
  private let cluster: ClusterState
  private let comparison: ShadowComparison
  private let reporter: ShadowReporter
  private let clock: any MomentClock
  /// The CPU time that the process and its programs have used so far.
  private let spent: @Sendable () -> Duration
  private let schedule: Mutex<ShadowSchedule>
  private let wake = WakeSignal()

  /// What a comparison of one family keeps for the next one. Only the task of `run` uses it.
  private struct Family {
    var memory: ShadowMemory
    /// The planner's options at the last comparison.
    var options: PlannerOptions?
  }

  init(
    families: [IPFamily], cluster: ClusterState, reading: any RuleReading, settings: ShadowSettings,
    reporter: ShadowReporter, clock: any MomentClock, spent: @escaping @Sendable () -> Duration = CPUTime.used
  ) {
    self.families = families
    self.cluster = cluster
    comparison = ShadowComparison(reading: reading)
    self.reporter = reporter
    self.clock = clock
    self.spent = spent
    schedule = Mutex(ShadowSchedule(delay: settings.delay, readsParts: reading.readsSingleChains))
  }

  /// The intake of events calls this when enough is known to plan, and then after each change.
  @Sendable func changed(_ change: SnapshotChange, isFirst: Bool) {
    let services = change.families.values.reduce(into: Set<NamespacedName>()) { $0.formUnion($1.services) }
    schedule.withLock { schedule in
      if isFirst { schedule.changedGenerally(at: clock.now()) } else { schedule.changed(services, at: clock.now()) }
    }
    wake.signal()
  }

  /// Runs until the task is cancelled.
  func run() async {
    let delay = schedule.withLock { $0.delay }
    var states = Dictionary(uniqueKeysWithValues: families.map { ($0, Family(memory: ShadowMemory(delay: delay))) })
    while !Task.isCancelled {
      if let look = schedule.withLock({ $0.takeLook(at: clock.now()) }) {
        await take(look, &states)
      } else {
        let next = schedule.withLock { $0.next }
        // If a change came in between, `wake` is signalled.
        if let next, next <= clock.now() { continue }
        await wake.wait(until: next, clock: clock)
      }
    }
  }

  private func take(_ look: ShadowSchedule.Look, _ states: inout [IPFamily: Family]) async {
    let (start, before) = (clock.now(), spent())
    for family in families {
      guard var state = states[family] else { continue }
      do {
        try await compare(family, look, &state)
        states[family] = state
      } catch {
        // The process is stopping. This is not a failure.
        if Task.isCancelled { return }
        schedule.withLock { $0.failed(look) }
        reporter.failed(family, error)
      }
    }
    let end = clock.now()
    let recheck = states.values.compactMap { $0.memory.nextReport(after: start) }.min()
    let cost = spent() - before
    schedule.withLock { $0.ended(look, at: end, cost: cost, recheck: recheck) }
  }

  private func compare(_ family: IPFamily, _ look: ShadowSchedule.Look, _ state: inout Family) async throws {
    let start = clock.now()
    // The changes are in the snapshot. Take them, so that they do not pile up.
    _ = await cluster.takeChanges(family, planned: nil)
    let options = await cluster.options(of: family)
    let snapshot = await cluster.snapshot
    if let last = state.options, last != options { schedule.withLock { $0.changedGenerally(at: start) } }
    state.options = options
    let plan = ClusterPlan(options: options, snapshot: snapshot)
    let outcome =
      look.isWhole
      ? try await comparison.whole(plan)
      : try await comparison.part(plan, look.services.union(state.memory.services))
    let settled = schedule.withLock { $0 }
    let news = state.memory.compared(outcome.findings, outcome.scope, at: start) {
      settled.isUnsettled($0, at: start)
    }
    reporter.compared(
      .init(
        family: family, start: start, end: clock.now(), isWhole: look.isWhole, omitted: outcome.omitted, news: news,
        reported: state.memory.reported))
  }
}
