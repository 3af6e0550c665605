import Time

/// How long to wait before a repair. There is no wait unless another program changes the rules again and again.
struct RepairPacing: Sendable, Equatable {
  /// When the last repair was due.
  private var last: Moment?
  private var rounds = 0

  /// A change that comes this long after the last repair starts a new series.
  static let quietTime = Duration.seconds(60)
  /// So many repeated repairs happen without a pause, because a firewall may set up its rules in several commits.
  static let patience = 5
  static let longestPause = Duration.seconds(60)

  mutating func changed(at now: Moment) -> Duration {
    if let last, last.duration(to: now) < RepairPacing.quietTime { rounds += 1 } else { rounds = 0 }
    let step = rounds - RepairPacing.patience - 1
    let pause = step < 0 ? .zero : min(.seconds(1 << min(step, 10)), RepairPacing.longestPause)
    // The quiet time counts from the end of the pause: during our pause, the other program may still change rules.
    last = now.advanced(by: pause)
    return pause
  }
}
