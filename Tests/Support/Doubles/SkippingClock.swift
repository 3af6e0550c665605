import Synchronization
import System
import Time

/// A clock on which time stands still except for pauses. These pass at once.
package final class SkippingClock: MomentClock {
  private let longest: Duration
  private let meanwhile: @Sendable (_ number: Int) async -> Void
  private let state = Mutex<(ticks: Int64, pauses: [Duration])>((0, []))

  /// - Parameters:
  ///   - longest: a longer pause lasts until its task is cancelled.
  ///   - meanwhile: what happens during a pause. Pauses are numbered from 1 on.
  package init(
    longest: Duration = .seconds(86400), meanwhile: @escaping @Sendable (_ number: Int) async -> Void = { _ in }
  ) {
    self.longest = longest
    self.meanwhile = meanwhile
  }

  package var pauses: [Duration] { state.withLock { $0.pauses } }

  package func now() -> Moment {
    Moment(wall: .epoch, ticks: state.withLock { $0.ticks })
  }

  package func sleep(until moment: Moment) async {
    let (pause, number) = state.withLock { state in
      let pause = Duration.nanoseconds(moment.ticks - state.ticks)
      state.pauses.append(pause)
      if pause <= longest { state.ticks = max(state.ticks, moment.ticks) }
      return (pause, state.pauses.count)
    }
    if pause > longest { await Cancellation.wait() }
    await meanwhile(number)
  }
}
