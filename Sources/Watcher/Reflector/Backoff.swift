/// Increasing pauses with jitter between attempts. The values are those of client-go's reflectors: first 0.8 s, then
/// doubled up to 30 s. Each pause is multiplied by a random factor between one and two, so that the nodes of a cluster
/// do not retry at the same time.
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

  /// Called after a success. The next pause is short again.
  mutating func reset() { following = Backoff.initial }
}
