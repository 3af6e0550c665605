import ServiceModel
import Synchronization

/// The outcome of cleaning one family's flows.
public struct ReconcileResult: Sendable, Equatable {
  public let family: IPFamily
  public let report: SweepReport
  public let duration: Duration
  /// nil where all went well; otherwise the sweep is tried again.
  public let error: ConntrackError?

  public init(family: IPFamily, report: SweepReport, duration: Duration, error: ConntrackError?) {
    self.family = family
    self.report = report
    self.duration = duration
    self.error = error
  }
}

/// Deletes stale flows after the rules are in place, away from the sync that put them there.
///
/// States that are submitted while a sweep runs are merged into one more sweep; there is never more than one at a time.
/// A family whose sweep failed does not hold up the other.
public final class ConntrackReconciler: Sendable {
  private let table: any ConntrackTable
  private let clock: any Clock<Duration>
  private let retryDelay: Duration
  private let report: @Sendable (ReconcileResult) -> Void
  private let queue = Mutex(ReconcileQueue())
  private let wakeups: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation

  /// `report` is called after every sweep, from the task that runs this.
  public init(
    table: any ConntrackTable, clock: any Clock<Duration> = ContinuousClock(), retryDelay: Duration = .seconds(10),
    report: @escaping @Sendable (ReconcileResult) -> Void
  ) {
    self.table = table
    self.clock = clock
    self.retryDelay = retryDelay
    self.report = report
    (wakeups, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Says what the rules that are about to be written are for. A sweep that is under way may be slower than they are, and
  /// must not delete the flows that they make.
  public func announce(_ flows: ServiceFlows) { queue.withLock { $0.announce(flows) } }

  /// Asks for a sweep of the family of `flows`. Returns at once. To be called when the rules are in the kernel: a flow
  /// that is deleted earlier comes back as it was.
  public func submit(_ flows: ServiceFlows) {
    queue.withLock { $0.submit(flows) }
    wake.yield()
  }

  /// Sweeps whenever asked, until the task is cancelled. May be called once.
  public func run() async {
    await withDiscardingTaskGroup { group in
      var retries: [IPFamily: Int] = [:]
      for await _ in wakeups {
        while !Task.isCancelled, let flows = queue.withLock({ $0.next() }) {
          let family = flows.family
          if await reconcile(flows) {
            retries[family] = nil
            continue
          }
          // One retry a family: however many changes come meanwhile, they do not become as many timers.
          guard queue.withLock({ $0.failed(flows) }) else { continue }
          // A kernel without ctnetlink stays without: no need to say so every few seconds.
          let delay = retryDelay * (1 << min(retries[family, default: 0], 5))
          retries[family, default: 0] += 1
          group.addTask {
            try? await self.clock.sleep(for: delay)
            self.queue.withLock { $0.retry(family) }
            self.wake.yield()
          }
        }
      }
      group.cancelAll()
    }
  }

  /// Returns whether it is done with these flows.
  private func reconcile(_ flows: ServiceFlows) async -> Bool {
    let start = ContinuousClock.now
    var sum = SweepReport()
    var failure: ConntrackError?
    do {
      if !flows.isEmpty {
        let index = FlowIndex(flows)
        let newer = Mutex(NewerStates(family: flows.family))
        for transport in flows.activeTransports {
          sum += try await table.sweep(flows.family, transport) { flow in
            index.verdict(flow).isStale && !newer.withLock { $0.wants(flow, as: self.queue) }
          }
        }
      }
    } catch {
      // At shutdown, which is nothing to tell of.
      if error.step == .cancelled { return true }
      failure = error
    }
    report(
      ReconcileResult(family: flows.family, report: sum, duration: ContinuousClock.now - start, error: failure))
    return failure == nil
  }
}
