/// When the next sync of a family is due: a value that is told what happens, and asked.
///
/// What kube-proxy's bounded-frequency runner does, but an idle proxy reacts at once: requests are coalesced only while
/// the last run is less than `minInterval` ago. A failure is retried with growing delays up to `maxRetry`; without any
/// request a run is due after `maxInterval`.
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

  /// A run begins; it covers all requests so far.
  public mutating func started(at now: Moment) {
    isRequested = false
    lastStart = now
    retryAt = nil
  }

  public mutating func succeeded() { failures = 0 }

  /// The run failed; requests that come meanwhile wait for the retry too, as they would fail like it.
  public mutating func failed(at now: Moment) {
    let delay = intervals.firstRetry * (1 << min(failures, 16))
    retryAt = now.advanced(by: min(delay, intervals.maxRetry))
    failures += 1
  }

  /// Whether the next run is a periodic one, that nothing but the passing of time asks for.
  public var isIdle: Bool { !isRequested && retryAt == nil }

  /// When the next run is due; nil: nothing was ever asked for.
  public var nextRun: Moment? {
    if let retryAt { return retryAt }
    guard let lastStart else { return isRequested ? .distantPast : nil }
    return lastStart.advanced(by: isRequested ? intervals.minInterval : intervals.maxInterval)
  }
}

extension Moment {
  /// Before everything else.
  static let distantPast = Moment(wall: WallTime(nanosecondsSince1970: 0), ticks: .min / 2)
}
