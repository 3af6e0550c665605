import Synchronization
import Watcher

/// The way of all Events out of the daemon: at the rate that `EventLimiter` allows, to whoever posts them.
public final class EventGate: Sendable {
  private let limiter = Mutex(EventLimiter())
  private let clock: @Sendable () -> Moment
  private let post: @Sendable (APIEvent) -> Void

  public init(clock: @escaping @Sendable () -> Moment = Moment.now, post: @escaping @Sendable (APIEvent) -> Void) {
    self.clock = clock
    self.post = post
  }

  public func send(_ event: APIEvent) {
    guard limiter.withLock({ $0.admit(event, at: clock()) }) else { return }
    post(event)
  }

  /// Events that were held back so far.
  public var suppressed: Int { limiter.withLock { $0.suppressed } }
}
