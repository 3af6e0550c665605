/// How long to wait before repairing: not at all, unless the last repair did not last.
struct RepairPacing: Sendable, Equatable {
  /// When the last repair was due.
  private var last: Moment?
  private var rounds = 0

  /// A change that comes this long after the last repair is a new story.
  static let quietTime = Duration.seconds(60)
  /// So often rules are repaired at once: one who sets up a firewall may do so in several commits.
  static let patience = 5
  static let longestPause = Duration.seconds(60)

  mutating func changed(at now: Moment) -> Duration {
    if let last, last.duration(to: now) < RepairPacing.quietTime { rounds += 1 } else { rounds = 0 }
    let step = rounds - RepairPacing.patience - 1
    let pause = step < 0 ? .zero : min(.seconds(1 << min(step, 10)), RepairPacing.longestPause)
    // From its end on: a pause of ours is not the other's silence.
    last = now.advanced(by: pause)
    return pause
  }
}
