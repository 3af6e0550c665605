import Synchronization

@testable import KubeProxy
@testable import Time

/// A clock whose sleeps end at once and are counted; after the last that a test wants they last until cancelled.
final class CountedSleeps: MomentClock {
  private let limit: Int
  private let sleeps = Mutex<[Int]>([])
  private let start = Moment.now()
  private let stream: AsyncStream<Void>
  private let ended: AsyncStream<Void>.Continuation

  init(limit: Int) {
    self.limit = limit
    (stream, ended) = AsyncStream.makeStream()
  }

  /// How long each sleep was to last.
  var minutes: [Int] { sleeps.withLock { $0 } }

  /// Returns when there were as many sleeps as wanted.
  var done: Void { get async { for await _ in stream { return } } }

  func now() -> Moment { start }

  func sleep(until moment: Moment) async {
    let count = sleeps.withLock { sleeps in
      sleeps.append(Int(start.duration(to: moment).components.seconds / 60))
      return sleeps.count
    }
    guard count >= limit else { return }
    ended.yield()
    await SystemClock().sleep(until: Moment.now().advanced(by: .seconds(3600)))
  }
}
