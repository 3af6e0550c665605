import System

@testable import KubeProxy
@testable import Time

/// A clock that the test moves on.
final class SteppedClock: MomentClock {
  private struct State: Sendable {
    var seconds: Int64 = 0
    /// Until when somebody sleeps.
    var sleepers: [Int: Int64] = [:]
    var lastID = 0
  }

  private let state = Watched(State())
  static let start: Int64 = 1_795_230_000

  func now() -> Moment { SteppedClock.moment(state.withLock { $0.seconds }) }

  func sleep(until moment: Moment) async {
    let due = moment.ticks / 1_000_000_000
    let id = state.withLock { state in
      state.lastID += 1
      state.sleepers[state.lastID] = due
      return state.lastID
    }
    await state.until { $0.seconds >= due }
    state.withLock { $0.sleepers[id] = nil }
  }

  func advance(_ seconds: Int64) { state.withLock { $0.seconds += seconds } }

  /// Returns when somebody sleeps until so many seconds after the start.
  func waitForSleep(until second: Int64) async {
    await state.until { $0.sleepers.values.contains(second) }
  }

  /// Returns when somebody sleeps until a time that has not come yet.
  func waitForSleeper() async {
    await state.until { state in state.sleepers.values.contains { $0 > state.seconds } }
  }

  /// So many seconds after the start.
  static func time(_ seconds: Int64) -> WallTime {
    WallTime(nanosecondsSince1970: (start + seconds) * 1_000_000_000)
  }

  private static func moment(_ seconds: Int64) -> Moment {
    Moment(wall: time(seconds), ticks: seconds * 1_000_000_000)
  }
}
