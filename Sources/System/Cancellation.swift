/// Waits for the cancellation of the current task.
package enum Cancellation {
  /// Returns when the task is cancelled.
  package static func wait() async { _ = await Watched(()).wait { _ in Never?.none } }
}
