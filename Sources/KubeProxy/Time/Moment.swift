import Glibc

/// A point in time: what the clock on the wall says, for people, and the monotonic clock, for measuring.
///
/// Everything that needs the time is given a `@Sendable () -> Moment`, so that tests can set it.
public struct Moment: Hashable, Sendable, Comparable {
  public let wall: WallTime
  /// Nanoseconds of a clock that is never set and goes on during suspend (CLOCK_BOOTTIME).
  public let ticks: Int64

  public init(wall: WallTime, ticks: Int64) {
    self.wall = wall
    self.ticks = ticks
  }

  /// The current time.
  @Sendable public static func now() -> Moment {
    Moment(
      wall: WallTime(nanosecondsSince1970: nanoseconds(CLOCK_REALTIME)), ticks: nanoseconds(CLOCK_BOOTTIME))
  }

  public func duration(to other: Moment) -> Duration { .nanoseconds(other.ticks.saturatingSubtracting(ticks)) }

  /// Periods come from configurations, and what they can say reaches beyond the time that can be counted.
  public func advanced(by duration: Duration) -> Moment {
    let nanoseconds = duration.wholeNanoseconds
    return Moment(
      wall: WallTime(nanosecondsSince1970: wall.nanosecondsSince1970.saturatingAdding(nanoseconds)),
      ticks: ticks.saturatingAdding(nanoseconds))
  }

  public static func < (left: Moment, right: Moment) -> Bool { left.ticks < right.ticks }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Duration {
  /// The most or the least that there is, where it cannot be counted.
  var wholeNanoseconds: Int64 {
    let (seconds, isOverflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if isOverflow { return components.seconds < 0 ? .min : .max }
    return seconds.saturatingAdding(components.attoseconds / 1_000_000_000)
  }

  /// In seconds, as metrics want it.
  public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension Int64 {
  fileprivate func saturatingAdding(_ other: Int64) -> Int64 {
    let (sum, isOverflow) = addingReportingOverflow(other)
    return isOverflow ? (other < 0 ? .min : .max) : sum
  }

  fileprivate func saturatingSubtracting(_ other: Int64) -> Int64 {
    let (difference, isOverflow) = subtractingReportingOverflow(other)
    return isOverflow ? (other > 0 ? .min : .max) : difference
  }
}
