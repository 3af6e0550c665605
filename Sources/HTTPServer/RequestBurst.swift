import Time

/// The requests of a client that follow each other without a pause. It decides which connection has to make room for
/// another client, and how long a client may take for its answers.
///
/// A client may send requests ahead and not read the answers. The kernel takes the first answers anyway, so each single
/// answer looks as if it had been read. The time since the first request of the burst does not.
struct RequestBurst: Sendable, Equatable {
  /// Requests with less time between an answer and the next request belong to the same burst.
  private static let pause = Duration.seconds(1)

  /// When the connection or the first request of the burst began.
  private(set) var start: Moment
  private(set) var answers = 0
  private var lastAnswer: Moment

  init(at now: Moment) {
    start = now
    lastAnswer = now
  }

  /// The first byte of a request has arrived.
  mutating func requestBegan(at now: Moment) {
    guard lastAnswer.duration(to: now) >= RequestBurst.pause else { return }
    start = now
    answers = 0
  }

  /// An answer was handed to the kernel.
  mutating func answered(at now: Moment) {
    answers += 1
    lastAnswer = now
  }

  /// When an answer that is ready now has to be sent. All answers of a burst share the time of one.
  func deadline(forAnswerAt now: Moment, within time: Duration) -> Moment {
    answers == 0 ? now.advanced(by: time) : max(start.advanced(by: time), now.advanced(by: RequestBurst.pause))
  }
}
