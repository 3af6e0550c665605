import Time
import Watcher

/// Limits the rate of Events, because many nodes send Events to one API server.
///
/// The same Event passes once in five minutes. Different Events pass at once up to a burst of 25, then one every ten
/// seconds. The others are dropped.
package struct EventLimiter: Sendable {
  static let repeatInterval = Duration.seconds(300)
  static let burst = 25
  static let refillInterval = Duration.seconds(10)

  private var lastSent: [APIEvent: Moment] = [:]
  private var tokens = EventLimiter.burst
  private var lastRefill: Moment?

  package init() {}

  /// Whether to send the Event.
  mutating func admit(_ event: APIEvent, at now: Moment) -> Bool {
    refill(at: now)
    lastSent = lastSent.filter { $0.value.duration(to: now) < EventLimiter.repeatInterval }
    guard lastSent[event] == nil, tokens > 0 else { return false }
    tokens -= 1
    lastSent[event] = now
    return true
  }

  private mutating func refill(at now: Moment) {
    guard let last = lastRefill, tokens < EventLimiter.burst else {
      lastRefill = now
      return
    }
    let interval = EventLimiter.refillInterval.wholeNanoseconds
    let earned = last.duration(to: now).wholeNanoseconds / interval
    tokens = min(EventLimiter.burst, tokens + Int(earned))
    lastRefill = last.advanced(by: .nanoseconds(earned * interval))
  }
}
