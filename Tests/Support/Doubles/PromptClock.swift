import System
import Time

/// A clock that records its pauses. The first `limit` of them end at once. Later ones end with their task.
package final class PromptClock: MomentClock {
  private let limit: Int
  private let step: Duration
  private let time: Watched<Moment>
  private let pauses = Watched<[Duration]>([])

  /// - Parameter step: how much time passes each time that somebody looks at the clock.
  package init(limit: Int = .max, start: Moment = .now(), step: Duration = .zero) {
    self.limit = limit
    self.step = step
    time = Watched(start)
  }

  package var slept: [Duration] { pauses.withLock { $0 } }

  package func now() -> Moment {
    time.withLock { time in
      time = time.advanced(by: step)
      return time
    }
  }

  package func sleep(until moment: Moment) async {
    let pause = time.withLock { $0 }.duration(to: moment)
    let count = pauses.withLock { pauses in
      pauses.append(pause)
      return pauses.count
    }
    if count > limit { await Cancellation.wait() }
  }

  /// Waits until the pauses so far are as wanted or the task is cancelled, and returns them.
  @discardableResult
  package func slept(until isEnough: @escaping @Sendable ([Duration]) -> Bool) async -> [Duration] {
    await pauses.wait { isEnough($0) ? $0 : nil } ?? slept
  }
}
