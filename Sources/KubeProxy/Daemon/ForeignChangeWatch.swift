import Applier
import Logging
import ServiceModel

/// Repairs the rules as soon as somebody else has changed them; one who keeps doing so is answered ever more slowly.
struct ForeignChangeWatch: Sendable {
  let monitor: any ForeignChangeMonitor
  let families: [FamilySync]
  let clock: any SyncClock
  let logger: Logger

  /// Runs until the task is cancelled.
  func run() async {
    let changes: AsyncStream<ForeignChange>
    do {
      changes = try monitor.changes()
    } catch {
      logger.error(
        "cannot listen to nf_tables; rules are checked against the kernel's periodically only",
        metadata: ["error": "\(error)"])
      return
    }
    var pacing = RepairPacing()
    for await change in changes {
      let delay = pacing.changed(at: clock.now())
      logger.warning(
        delay == .zero
          ? "rules were changed by somebody else; checking them all"
          : "rules are changed by somebody else again and again; checking them after a pause",
        metadata: ["change": "\(change)", "pause": "\(delay)"])
      if delay > .zero { await clock.sleep(until: clock.now().advanced(by: delay)) }
      for family in families where change.families.contains(family.family) {
        await family.repair(reason: "\(change)")
      }
    }
  }
}

/// How long to wait before repairing: not at all, unless the last repair did not last.
struct RepairPacing: Sendable, Equatable {
  private var last: Moment?
  private var rounds = 0

  /// A change that comes this long after the last one is a new story.
  static let quietTime = Duration.seconds(60)
  /// So often rules are repaired at once: one who sets up a firewall may do so in several commits.
  static let patience = 5
  static let longestPause = Duration.seconds(60)

  mutating func changed(at now: Moment) -> Duration {
    defer { last = now }
    if let last, last.duration(to: now) < RepairPacing.quietTime { rounds += 1 } else { rounds = 0 }
    guard rounds > RepairPacing.patience else { return .zero }
    return min(.seconds(1 << min(rounds - RepairPacing.patience - 1, 10)), RepairPacing.longestPause)
  }
}
