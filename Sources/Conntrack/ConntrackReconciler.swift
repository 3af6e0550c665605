import ServiceModel
import Synchronization
import Time

/// The outcome of cleaning one family's flows.
package struct ReconcileResult: Sendable, Equatable {
  package let family: IPFamily
  package let report: SweepReport
  package let duration: Duration
  /// nil if the sweep succeeded. After a failure the reconciler tries again.
  package let error: ConntrackError?

  package init(family: IPFamily, report: SweepReport, duration: Duration, error: ConntrackError?) {
    self.family = family
    self.report = report
    self.duration = duration
    self.error = error
  }
}

/// Deletes stale flows after the rules are in the kernel. It runs in another task than the sync that wrote the rules,
/// so the sync does not wait.
///
/// States that are submitted while a sweep runs are merged into one more sweep. Only one sweep runs at a time. If the
/// sweep of one family fails, the other family does not wait.
package final class ConntrackReconciler: Sendable {
  private let table: any ConntrackTable
  private let clock: any MomentClock
  private let retryDelay: Duration
  private let report: @Sendable (ReconcileResult) -> Void
  private let queue = Mutex(ReconcileQueue())
  private let wakeups: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation

  /// `report` is called after every sweep, from the task that executes `run()`.
  package init(
    table: any ConntrackTable, clock: any MomentClock = SystemClock(), retryDelay: Duration = .seconds(10),
    report: @escaping @Sendable (ReconcileResult) -> Void
  ) {
    self.table = table
    self.clock = clock
    self.retryDelay = retryDelay
    self.report = report
    (wakeups, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Announces the state that the rules are about to be written for. A sweep that is still running may finish after the
  /// rules are written. It must not delete the flows that the new rules create.
  package func announce(_ flows: ServiceFlows) { queue.withLock { $0.announce(flows) } }

  /// Asks for a sweep of the family of `flows`, and returns at once. Call it when the rules are in the kernel: if a
  /// flow is deleted earlier, its next packet creates the same stale flow again.
  package func submit(_ flows: ServiceFlows) {
    queue.withLock { $0.submit(flows) }
    wake.yield()
  }

  /// Runs the sweeps that are asked for until the task is cancelled. May be called once.
  package func run() async {
    await withDiscardingTaskGroup { group in
      var retries: [IPFamily: Int] = [:]
      for await _ in wakeups {
        while !Task.isCancelled, let flows = queue.withLock({ $0.next() }) {
          let family = flows.family
          if await reconcile(flows) {
            retries[family] = nil
            continue
          }
          // One retry per family: many changes in the meantime do not start many timers.
          guard queue.withLock({ $0.failed(flows) }) else { continue }
          // A kernel without ctnetlink fails every time. The growing delay avoids a report every few seconds.
          let delay = retryDelay * (1 << min(retries[family, default: 0], 5))
          retries[family, default: 0] += 1
          group.addTask {
            await self.clock.sleep(for: delay)
            self.queue.withLock { $0.retry(family) }
            self.wake.yield()
          }
        }
      }
      group.cancelAll()
    }
  }

  /// Returns whether these flows are done. If not, the sweep must be tried again.
  private func reconcile(_ flows: ServiceFlows) async -> Bool {
    let start = Moment.now()
    var sum = SweepReport()
    var failure: ConntrackError?
    do {
      if !flows.isEmpty {
        let index = LazyFlowIndex(flows)
        let newer = Mutex(NewerStates(family: flows.family))
        for transport in flows.activeTransports {
          sum += try await table.sweep(flows.family, transport) { flow in
            index.verdict(flow).isStale && !newer.withLock { $0.wants(flow, as: self.queue) }
          }
        }
        failure = sum.failure
        sum.failure = nil
      }
    } catch {
      // The sweep was cancelled at shutdown. This is not a failure to report.
      if error.step == .cancelled { return true }
      failure = error
    }
    report(
      ReconcileResult(family: flows.family, report: sum, duration: start.duration(to: .now()), error: failure))
    return failure == nil
  }
}
