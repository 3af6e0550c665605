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
    let duration = now().duration(to: moment)
    guard duration > .zero else { return }
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + .nanoseconds(Int(duration.wholeNanoseconds)))
    // A timeout and a cancellation both cancel the timer, so the continuation is resumed exactly once.
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        timer.setEventHandler { timer.cancel() }
        timer.setCancelHandler { continuation.resume() }
        timer.activate()
      }
    } onCancel: {
      timer.cancel()
    }
  }
}
