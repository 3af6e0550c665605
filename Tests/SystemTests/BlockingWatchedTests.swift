import System
import Testing

@Suite(.timeLimit(.minutes(1))) struct BlockingWatchedTests {
  @Test func `threads wait until the value is there`() async throws {
    let value = BlockingWatched<Int?>(nil)
    let waits = try (0..<3).map { _ in try OwnThread.spawn("wait") { () -> Int in value.wait { $0 } } }
    value.withLock { $0 = 7 }
    for wait in waits { #expect(await wait.value == 7) }
  }

  @Test func `each item is taken by one thread`() async throws {
    let items = BlockingWatched<[Int]>([])
    let takers = try (0..<4).map { _ in try OwnThread.spawn("take") { items.wait { $0.popLast() } } }
    for item in 0..<4 { items.withLock { $0.append(item) } }
    var taken: [Int] = []
    for taker in takers { taken.append(await taker.value) }
    #expect(taken.sorted() == [0, 1, 2, 3])
    #expect(items.withLock { $0.isEmpty })
  }
}
