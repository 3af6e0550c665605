import Time

/// Decides when the state is written. Its owner reports to it what happens.
struct StateSchedule: Sendable, Equatable {
  /// The least time between two writes.
  static let pause = Duration.seconds(60)
  /// Without a change the state is written again after this time, because the file says up to which time its state was
  /// known to be correct.
  static let refresh = Duration.seconds(3600)

  private(set) var isListed = false
  private(set) var isChanged = false
  private var lastTry: Moment?

  /// All objects have been listed. From now on there is a state to write.
  mutating func listed() {
    isListed = true
    isChanged = true
  }

  mutating func changed() { isChanged = true }

  /// A write of all changes so far begins.
  mutating func began(at now: Moment) {
    isChanged = false
    lastTry = now
  }

  /// The write failed.
  mutating func failed() { isChanged = true }

  /// When the next write is due; nil before all objects have been listed.
  var next: Moment? {
    guard isListed else { return nil }
    return lastTry?.advanced(by: isChanged ? StateSchedule.pause : StateSchedule.refresh) ?? .distantPast
  }
}
