import Time

/// Decides when the state is written. Its owner reports to it what happens.
struct StateSchedule: Sendable, Equatable {
  /// The least time between two writes.
  static let pause = Duration.seconds(60)
  /// Without a change the state is written again after this time, because the file says until when it was known to be
  /// right.
  static let refresh = Duration.seconds(3600)

  private(set) var isListed = false
  private(set) var isChanged = false
  private var lastTry: Moment?

  /// Everything has been listed: from now on there is something to keep.
  mutating func listed() {
    isListed = true
    isChanged = true
  }

  mutating func changed() { isChanged = true }

  /// A write begins, of all changes so far.
  mutating func began(at now: Moment) {
    isChanged = false
    lastTry = now
  }

  /// It did not succeed.
  mutating func failed() { isChanged = true }

  /// When the next write is due; nil: there is nothing to keep yet.
  var next: Moment? {
    guard isListed else { return nil }
    return lastTry?.advanced(by: isChanged ? StateSchedule.pause : StateSchedule.refresh) ?? .distantPast
  }
}
