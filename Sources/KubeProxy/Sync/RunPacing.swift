import Time

/// Calculates when the next sync of a family is due. A pure value: the caller reports what happens and asks for the
/// time.
///
/// Works like kube-proxy's bounded-frequency runner, but an idle proxy reacts at once: requests are combined only while
/// the last run started less than `minInterval` ago. A failed run is retried with growing delays up to `maxRetry`.
/// Without any request a run is due after `maxInterval`.
package struct RunPacing: Sendable, Equatable {
  package struct Intervals: Sendable, Equatable {
    var minInterval: Duration
    var maxInterval: Duration
    var firstRetry: Duration = .milliseconds(200)
    var maxRetry: Duration

    package init(minInterval: Duration, maxInterval: Duration, maxRetry: Duration) {
      self.minInterval = minInterval
      self.maxInterval = maxInterval
      self.maxRetry = maxRetry
    }
  }

  let intervals: Intervals
  private var isRequested = false
  private var lastStart: Moment?
  private var retryAt: Moment?
  private var failures = 0

  package init(_ intervals: Intervals) { self.intervals = intervals }

  /// Something changed.
  package mutating func request() { isRequested = true }

  /// A run begins. It covers all requests so far.
  package mutating func started(at now: Moment) {
    isRequested = false
    lastStart = now
    retryAt = nil
  }

  mutating func succeeded() { failures = 0 }

  /// The run failed. Requests that come before the retry wait for it too, because they would fail for the same reason.
  package mutating func failed(at now: Moment) {
    let delay = intervals.firstRetry * (1 << min(failures, 16))
    retryAt = now.advanced(by: min(delay, intervals.maxRetry))
    failures += 1
  }

  /// Whether the next run is a periodic one, which nobody requested.
  package var isIdle: Bool { !isRequested && retryAt == nil }

  /// When the next run is due; nil if nothing was requested yet.
  var nextRun: Moment? {
    if let retryAt { return retryAt }
    guard let lastStart else { return isRequested ? .distantPast : nil }
    return lastStart.advanced(by: isRequested ? intervals.minInterval : intervals.maxInterval)
  }
}
