/// Waiting for the end of one's own task.
package enum Cancellation {
  /// Returns when the task is cancelled.
  package static func wait() async { _ = await Watched(()).wait { _ in Never?.none } }
}
