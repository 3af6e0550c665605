import Glibc

/// A point in time on two clocks: the wall clock for people, and a monotonic clock for measuring.
///
/// Code that needs the time gets a `@Sendable () -> Moment` or a `MomentClock`, so that tests can set the time.
package struct Moment: Hashable, Sendable, Comparable {
  package let wall: WallTime
  /// Nanoseconds of CLOCK_BOOTTIME: nobody can set this clock, and it also runs during suspend.
  package let ticks: Int64

  package init(wall: WallTime, ticks: Int64) {
    self.wall = wall
    self.ticks = ticks
  }

  @Sendable package static func now() -> Moment {
    Moment(
      wall: WallTime(nanosecondsSince1970: nanoseconds(CLOCK_REALTIME)), ticks: nanoseconds(CLOCK_BOOTTIME))
  }

  /// Before every moment that a clock of this host can show.
  package static let distantPast = Moment(wall: .epoch, ticks: .min / 2)

  package func duration(to other: Moment) -> Duration { .nanoseconds(other.ticks.saturatingSubtracting(ticks)) }

  /// The milliseconds until another moment, rounded up, as poll(2) takes them. Zero if the moment has passed.
  package func milliseconds(until other: Moment) -> Int32 {
    let (milliseconds, rest) = max(0, duration(to: other).wholeNanoseconds).quotientAndRemainder(dividingBy: 1_000_000)
    return Int32(clamping: milliseconds + (rest == 0 ? 0 : 1))
  }

  /// The result saturates, because a configured period can be longer than Int64 nanoseconds can count.
  package func advanced(by duration: Duration) -> Moment {
    let nanoseconds = duration.wholeNanoseconds
    return Moment(
      wall: WallTime(nanosecondsSince1970: wall.nanosecondsSince1970.saturatingAdding(nanoseconds)),
      ticks: ticks.saturatingAdding(nanoseconds))
  }

  package static func < (left: Moment, right: Moment) -> Bool { left.ticks < right.ticks }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Duration {
  /// In nanoseconds. `Int64.max` or `Int64.min` if the duration does not fit.
  package var wholeNanoseconds: Int64 {
    let (seconds, isOverflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if isOverflow { return components.seconds < 0 ? .min : .max }
    return seconds.saturatingAdding(components.attoseconds / 1_000_000_000)
  }

  /// In seconds, as metrics need it.
  package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
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
