import Applier
import Logging
import ServiceModel
import Synchronization

/// Repairs the rules as soon as somebody else has changed them; one who keeps doing so is answered ever more slowly, in
/// each family by itself.
struct ForeignChangeWatch: Sendable {
  let monitor: any ForeignChangeMonitor
  let families: [FamilySync]
  let clock: any SyncClock
  let logger: Logger
  /// Called for each change, or each group of changes, that is answered.
  var noticed: @Sendable (IPFamily) -> Void = { _ in }

  /// After which listening is tried again.
  static let pause = Duration.seconds(60)

  /// Runs until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      do {
        await answer(try monitor.changes())
        if Task.isCancelled { return }
        tell("the messages ended")
      } catch {
        tell("\(error)")
      }
      await clock.sleep(until: clock.now().advanced(by: ForeignChangeWatch.pause))
      // Nobody knows what went on meanwhile.
      if Task.isCancelled { return }
      for family in families { family.repair(reason: "changes were not listened to") }
    }
  }

  private func tell(_ error: String) {
    logger.error(
      "cannot listen to nf_tables; rules are checked against the kernel's every minute instead, and it is tried again",
      metadata: ["error": "\(error)"])
  }

  /// Until nothing more comes.
  private func answer(_ changes: AsyncStream<ForeignChange>) async {
    await withTaskGroup(of: Void.self) { group in
      let slots = families.map { (sync: $0, changes: LatestChange()) }
      for slot in slots { group.addTask { await repair(slot.sync, after: slot.changes) } }
      for await change in changes {
        for slot in slots where change.families.contains(slot.sync.family) { slot.changes.note(change) }
      }
      group.cancelAll()
    }
  }

  private func repair(_ sync: FamilySync, after changes: LatestChange) async {
    var pacing = RepairPacing()
    while await changes.wait(clock: clock) {
      let delay = pacing.changed(at: clock.now())
      if delay > .zero {
        logger.warning(
          "rules are changed by somebody else again and again; checking them after a pause",
          metadata: ["change": "\(changes.description)", "family": "\(sync.family.rawValue)", "pause": "\(delay)"])
        await clock.sleep(until: clock.now().advanced(by: delay))
      }
      // What came during the pause is repaired with the rest.
      guard !Task.isCancelled, let change = changes.take() else { return }
      noticed(sync.family)
      if delay == .zero {
        logger.warning(
          "rules were changed by somebody else; checking them all",
          metadata: ["change": "\(change)", "family": "\(sync.family.rawValue)"])
      }
      sync.repair(reason: "\(change)")
    }
  }
}

/// The newest change of one family that has not been answered: of many, one repair is the answer.
private final class LatestChange: Sendable, CustomStringConvertible {
  private let change = Mutex<ForeignChange?>(nil)
  private let signal = WakeSignal()

  func note(_ new: ForeignChange) {
    change.withLock { $0 = new }
    signal.signal()
  }

  /// Returns when there is one; false when the task was cancelled.
  func wait(clock: any SyncClock) async -> Bool {
    while !Task.isCancelled {
      await signal.wait(until: nil, clock: clock)
      if change.withLock({ $0 != nil }) { return !Task.isCancelled }
    }
    return false
  }

  func take() -> ForeignChange? {
    change.withLock { change in
      defer { change = nil }
      return change
    }
  }

  var description: String { change.withLock { $0.map(\.description) ?? "" } }
}
