/// Growing, jittered pauses between tries. The figures are those of client-go's reflectors: 0.8 s at first, doubled up
/// to 30 s, and each between one and two times as long, so that the nodes of a cluster do not come back together.
struct Backoff: Equatable, Sendable {
  static let initial = Duration.milliseconds(800)
  static let longest = Duration.seconds(30)

  private var following = Backoff.initial

  /// The next pause. `random` is in 0..<1.
  mutating func next(random: Double) -> Duration {
    let base = following
    following = min(following * 2, Backoff.longest)
    return base + base * random
  }

  /// Something went well: the next pause is a short one again.
  mutating func reset() { following = Backoff.initial }
}
