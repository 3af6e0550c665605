import Synchronization
import Time
import Watcher

/// All Events of the daemon go through here. Passes them to `post` at the rate that `EventLimiter` allows.
package final class EventGate: Sendable {
  private let limiter = Mutex(EventLimiter())
  private let clock: @Sendable () -> Moment
  private let post: @Sendable (APIEvent) -> Void

  package init(clock: @escaping @Sendable () -> Moment = Moment.now, post: @escaping @Sendable (APIEvent) -> Void) {
    self.clock = clock
    self.post = post
  }

  package func send(_ event: APIEvent) {
    guard limiter.withLock({ $0.admit(event, at: clock()) }) else { return }
    post(event)
  }
}
