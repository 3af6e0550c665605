import Time

/// Calculates when the next sync of a family is due. A pure value: the caller reports what happens and asks for the
/// time.
///
/// Works like kube-proxy's bounded-frequency runner, but an idle proxy reacts at once: requests are combined only while
/// the last run started less than `minInterval` ago. A failed run is retried with growing delays up to `maxRetry`.
/// Without any request a run is due after `maxInterval`.
public struct RunPacing: Sendable, Equatable {
  public struct Intervals: Sendable, Equatable {
    public var minInterval: Duration
    public var maxInterval: Duration
    public var firstRetry: Duration = .milliseconds(200)
    public var maxRetry: Duration

    public init(minInterval: Duration, maxInterval: Duration, maxRetry: Duration) {
      self.minInterval = minInterval
      self.maxInterval = maxInterval
      self.maxRetry = maxRetry
    }
  }

  public let intervals: Intervals
  private var isRequested = false
  private var lastStart: Moment?
  private var retryAt: Moment?
  private var failures = 0

  public init(_ intervals: Intervals) { self.intervals = intervals }

  /// Something changed.
  public mutating func request() { isRequested = true }

  /// A run begins. It covers all requests so far.
  public mutating func started(at now: Moment) {
    isRequested = false
    lastStart = now
    retryAt = nil
  }

  public mutating func succeeded() { failures = 0 }

  /// The run failed. Requests that come before the retry wait for it too, because they would fail for the same reason.
  public mutating func failed(at now: Moment) {
    let delay = intervals.firstRetry * (1 << min(failures, 16))
    retryAt = now.advanced(by: min(delay, intervals.maxRetry))
    failures += 1
  }

  /// Whether the next run is a periodic one, which nobody requested.
  public var isIdle: Bool { !isRequested && retryAt == nil }

  /// When the next run is due; nil if nothing was requested yet.
  public var nextRun: Moment? {
    if let retryAt { return retryAt }
    guard let lastStart else { return isRequested ? .distantPast : nil }
    return lastStart.advanced(by: isRequested ? intervals.minInterval : intervals.maxInterval)
  }
}
