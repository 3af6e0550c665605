import Applier
import Conntrack
import Logging
import ServiceModel
import Telemetry
import Time

/// Keeps the rules of one family equal to the cluster's state: waits for changes, paces syncs, retries after failures.
package struct FamilySync: Sendable {
  let family: IPFamily
  let cluster: ClusterState
  let applier: FamilyApplier
  let healthChecks: HealthCheckServers?
  let conntrack: ConntrackReconciler?
  let observer: any SyncObserver
  let clock: any MomentClock
  let intervals: RunPacing.Intervals
  private let wake = WakeSignal()
  private let repairs = RepairRequest()

  package init(
    family: IPFamily, cluster: ClusterState, applier: FamilyApplier, healthChecks: HealthCheckServers?,
    conntrack: ConntrackReconciler?, observer: any SyncObserver, clock: any MomentClock, intervals: RunPacing.Intervals
  ) {
    self.family = family
    self.cluster = cluster
    self.applier = applier
    self.healthChecks = healthChecks
    self.conntrack = conntrack
    self.observer = observer
    self.clock = clock
    self.intervals = intervals
  }

  /// Something changed that may concern this family.
  package func request() { wake.signal() }

  /// Another program may have changed our rules. The next sync compares all rules with the kernel's and repairs them.
  package func repair(reason: String) {
    repairs.note(reason)
    request()
  }

  /// Syncs until the task is cancelled. Then the rules stay in the kernel.
  package func run() async {
    var pacing = RunPacing(intervals)
    while !Task.isCancelled {
      await wake.wait(until: pacing.nextRun, clock: clock)
      guard !Task.isCancelled else { return }
      let now = clock.now()
      if let next = pacing.nextRun, next <= now {
        if pacing.isIdle { repairs.note("periodic check") }
      } else {
        pacing.request()
        if let next = pacing.nextRun, next > now { continue }
      }
      pacing.started(at: now)
      await startRepair()
      if await sync(startedAt: now) {
        pacing.succeeded()
      } else {
        pacing.failed(at: clock.now())
      }
    }
  }

  /// Why all rules have to be checked. Each request is returned once.
  func takeRepair() -> String? { repairs.take() }

  /// Runs only between two syncs. If the applier forgot the kernel's state during a sync, the next sync could start as
  /// a partial one, and a partial sync fails when the kernel's state is not known.
  private func startRepair() async {
    guard let reason = takeRepair() else { return }
    await applier.forgetKernelState()
    await cluster.invalidate(family, reason: reason)
  }

  /// One sync of everything that is due. Returns whether the rules are correct now.
  private func sync(startedAt start: Moment) async -> Bool {
    guard let work = await cluster.takeWork(family) else {
      if await cluster.isComplete { observer.syncUnneeded(family) }
      await healthChecks?.retry()
      return true
    }
    observer.began(family)
    let isDone = await perform(work, startedAt: start)
    if let clashes = await cluster.takeClashNews(family) { observer.clashesChanged(clashes, family) }
    return isDone
  }

  private func perform(_ work: SyncWork, startedAt start: Moment) async -> Bool {
    if let sweep = work.sweep { conntrack?.announce(sweep) }
    do {
      let report = try await apply(work)
      observer.synced(SyncOutcome(work: work, report: report, start: start, end: clock.now()))
      // The kernel has the rules for these endpoints now, so load balancers may learn about them.
      if let checks = work.healthChecks {
        await healthChecks?.update(services: checks.services, addresses: checks.addresses)
      } else {
        await healthChecks?.retry()
      }
      // Not earlier: if a flow is deleted while the old rules are in the kernel, its next packet makes the same flow
      // again.
      if let sweep = work.sweep { conntrack?.submit(sweep) }
      return true
    } catch {
      // The process is stopping. This is not a failure.
      guard !Task.isCancelled else { return false }
      await cluster.returnSweep(work.sweep, of: family)
      await cluster.repeatHealthChecks(family)
      await cluster.invalidate(family, reason: "the sync before failed")
      observer.failed(
        SyncFailure(family: family, isPartial: work.isPartial, error: error, start: start, end: clock.now()))
      return false
    }
  }

  private func apply(_ work: SyncWork) async throws(ApplyError) -> ApplyReport {
    switch work.rules {
    case .full(let plan, _):
      // Listing the cluster and a full sync both need much memory for a short time.
      ProcessMemory.trim()
      defer { ProcessMemory.trim() }
      return try await applier.sync(full: plan)
    case .partial(let change): return try await applier.sync(partial: change)
    }
  }
}
