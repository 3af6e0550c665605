@preconcurrency import Dispatch

/// The clock that paces syncs.
public protocol SyncClock: Sendable {
  func now() -> Moment
  /// Returns when `moment` has come or the task is cancelled.
  func sleep(until moment: Moment) async
}

/// The system's clock.
public struct SystemClock: SyncClock {
  public init() {}

  public func now() -> Moment { Moment.now() }

  /// A cancelled sleep leaves nothing behind.
  ///
  /// `Task.sleep` would: on Linux its job stays in the timer queue, a kilobyte each, till the time it was made for. Every
  /// sync ends a sleep till the next periodic check, an hour away.
  public func sleep(until moment: Moment) async {
    let duration = now().duration(to: moment)
    guard duration > .zero else { return }
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + .nanoseconds(Int(duration.wholeNanoseconds)))
    // Both ways lead through the timer's one end, so that the continuation is resumed exactly once.
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
