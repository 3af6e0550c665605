import Applier
import Logging
import ServiceModel
import Synchronization
import Time

/// Repairs the rules as soon as another program has changed them. If the changes continue, the pauses before a repair
/// become longer. Each family has its own pauses.
struct ForeignChangeWatch: Sendable {
  let monitor: any ForeignChangeMonitor
  let families: [FamilySync]
  let clock: any MomentClock
  let logger: Logger
  /// Called for each change, or group of changes, that leads to a repair.
  var noticed: @Sendable (IPFamily) -> Void = { _ in }

  /// How long to wait before listening again after an error.
  static let pause = Duration.seconds(60)

  /// Runs until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      do {
        try await answer(try monitor.changes())
        if Task.isCancelled { return }
        tell("the kernel's messages ended")
      } catch {
        tell("\(error)")
      }
      await clock.sleep(until: clock.now().advanced(by: ForeignChangeWatch.pause))
      // Changes during the pause were not seen, so all rules have to be checked.
      if Task.isCancelled { return }
      for family in families { family.repair(reason: "changes by other programs may have been missed") }
    }
  }

  private func tell(_ error: String) {
    logger.error(
      "cannot listen to nf_tables; checking the kernel's rules every minute instead, and retrying",
      metadata: ["error": "\(error)"])
  }

  /// Runs until the stream of changes ends.
  private func answer(_ changes: AsyncThrowingStream<ForeignChange, any Error>) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let slots = families.map { (sync: $0, changes: LatestChange()) }
      for slot in slots { group.addTask { await repair(slot.sync, after: slot.changes) } }
      for try await change in changes {
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
          "rules are changed by another program again and again; checking them after a pause",
          metadata: ["change": "\(changes.description)", "family": "\(sync.family.rawValue)", "pause": "\(delay)"])
        await clock.sleep(until: clock.now().advanced(by: delay))
      }
      // Changes that came during the pause are repaired together.
      guard !Task.isCancelled, let change = changes.take() else { return }
      noticed(sync.family)
      if delay == .zero {
        logger.warning(
          "rules were changed by another program; checking all of them",
          metadata: ["change": "\(change)", "family": "\(sync.family.rawValue)"])
      }
      sync.repair(reason: "\(change)")
    }
  }
}

/// The newest change of one family that was not repaired yet. One repair is enough for many changes.
private final class LatestChange: Sendable, CustomStringConvertible {
  private let change = Mutex<ForeignChange?>(nil)
  private let signal = WakeSignal()

  func note(_ new: ForeignChange) {
    change.withLock { $0 = new }
    signal.signal()
  }

  /// Returns true when there is a change, or false when the task is cancelled.
  func wait(clock: any MomentClock) async -> Bool {
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
