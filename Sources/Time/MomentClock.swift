@preconcurrency import Dispatch

/// A clock that tells `Moment`s and can wait for one.
package protocol MomentClock: Sendable {
  func now() -> Moment
  /// Returns at `moment`, or earlier if the task is cancelled.
  func sleep(until moment: Moment) async
}

extension MomentClock {
  /// Returns after `duration`, or earlier if the task is cancelled.
  package func sleep(for duration: Duration) async { await sleep(until: now().advanced(by: duration)) }
}

/// The system's clock.
package struct SystemClock: MomentClock {
  package init() {}

  package func now() -> Moment { Moment.now() }

  /// A cancelled sleep frees its memory at once.
  ///
  /// `Task.sleep` does not: on Linux its job of about a kilobyte stays in the timer queue until the planned time. Every
  /// sync cancels a sleep until the next periodic check, which can be an hour away.
  package func sleep(until moment: Moment) async {
    while !Task.isCancelled {
      let duration = now().duration(to: moment)
      guard duration > .zero else { return }
      await WakeUp.wait(atMost: duration)
    }
  }
}

/// Dispatch has no timer for the clock of a `Moment`: its monotonic clock stands still while the host is suspended, and
/// people can set its wall clock. So there is a timer on each, and the first one ends the wait.
private enum WakeUp {
  /// Returns after `duration`, or earlier if somebody sets the wall clock, if the task is cancelled, or after a day.
  static func wait(atMost duration: Duration) async {
    let interval = DispatchTimeInterval.nanoseconds(Int(min(duration, .seconds(86_400)).wholeNanoseconds))
    let timers = [DispatchSource.makeTimerSource(), DispatchSource.makeTimerSource()]
    timers[0].schedule(deadline: .now() + interval)
    timers[1].schedule(wallDeadline: .now() + interval)
    // A timeout and a cancellation both cancel the timers, so the group is left exactly once for each.
    let running = DispatchGroup()
    for timer in timers {
      running.enter()
      timer.setEventHandler { for timer in timers { timer.cancel() } }
      timer.setCancelHandler { running.leave() }
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        running.notify(queue: .global()) { continuation.resume() }
        for timer in timers { timer.activate() }
      }
    } onCancel: {
      for timer in timers { timer.cancel() }
    }
  }
}
