import System
import Testing

/// Tasks that wait for a state. Each is resumed exactly once, whichever event comes first. A second resumption would
/// trap.
@Suite(.timeLimit(.minutes(1))) struct WatchedTests {
  enum Step: CaseIterable {
    case firstWaits, secondWaits, firstIsCancelled, itemComes, anotherComes
  }

  /// A task that waits for an item when it is let go, and tells when it has asked for one.
  final class Waiter: Sendable {
    private let asked = Watched(false)
    private let isLetGo = Watched(false)
    let task: Task<Int?, Never>

    init(_ items: Watched<[Int]>) {
      task = Task { [asked, isLetGo] in
        await isLetGo.waitAnyway { $0 ? true : nil }
        return await items.wait { items in
          asked.withLock { $0 = true }
          return items.isEmpty ? nil : items.removeFirst()
        }
      }
    }

    func letGo() async {
      isLetGo.withLock { $0 = true }
      await asked.until { $0 }
    }
  }

  /// What each of the two has got when all steps are done, by the order of the steps alone.
  static func expected(_ steps: [Step]) -> [Int?] {
    var (items, waiting, got): ([Int], [Int], [Int?]) = ([], [], [nil, nil])
    var (isCancelled, isOver) = (false, false)
    for step in steps {
      switch step {
      case .firstWaits: waiting.append(0)
      case .secondWaits: waiting.append(1)
      case .firstIsCancelled: isCancelled = true
      case .itemComes: items.append(1)
      case .anotherComes: items.append(2)
      }
      while let next = waiting.first, !items.isEmpty {
        waiting.removeFirst()
        if next == 0 && isOver { continue }
        got[next] = items.removeFirst()
      }
      if isCancelled {
        isOver = isOver || waiting.contains(0)
        waiting.removeAll { $0 == 0 }
      }
    }
    return got
  }

  @Test(arguments: permutations(of: Step.allCases))
  func `in every order of two waits, two items and a cancellation`(steps: [Step]) async {
    let items = Watched<[Int]>([])
    let (first, second) = (Waiter(items), Waiter(items))
    for step in steps {
      switch step {
      case .firstWaits: await first.letGo()
      case .secondWaits: await second.letGo()
      case .firstIsCancelled: first.task.cancel()
      case .itemComes: items.withLock { $0.append(1) }
      case .anotherComes: items.withLock { $0.append(2) }
      }
    }
    #expect([await first.task.value, await second.task.value] == Self.expected(steps))
  }

  @Test func `an item that one waiter leaves goes to another`() async {
    let count = Watched(0)
    async let high = count.wait { count -> String? in
      guard count == 2 else { return nil }
      count = 1
      return "two"
    }
    async let low = count.wait { $0 == 1 ? "one" : nil }
    count.withLock { $0 = 2 }
    #expect(await [high, low] == ["two", "one"])
  }

  @Test func `waitAnyway continues after the cancellation of its task`() async {
    let state = Watched(false)
    let task = Task { await state.waitAnyway { $0 ? "there" : nil } }
    task.cancel()
    state.withLock { $0 = true }
    #expect(await task.value == "there")
  }

  @Test func `work on a thread is waited for by any number of tasks`() async throws {
    let gate = Handover(try Pipe())
    let pipe = gate.takeOnce()
    let (readEnd, writeEnd) = (pipe.readEnd, pipe.writeEnd)
    let running = try OwnThread.spawn("work") { () -> Int in
      LineReader.read(readEnd.takeOnce()) { _ in }
      return 7
    }
    let waiting = (0..<3).map { _ in Task { await running.value } }
    _ = writeEnd.take()
    for task in waiting { #expect(await task.value == 7) }
    #expect(await running.value == 7, "also afterwards")
  }

  /// The runtime holds a lock of a task while it cancels it, and takes the same lock to resume it.
  @Test func `a cancellation and a result at the same moment do not wait for each other`() async {
    for _ in 0..<20_000 {
      let value = Watched(0)
      await withTaskGroup { group in
        group.addTask { _ = await value.until { $0 == 1 } }
        group.addTask { value.withLock { $0 = 1 } }
        group.cancelAll()
      }
      #expect(value.withLock { $0 } == 1)
    }
  }
}

/// All orders of the elements.
func permutations<Element>(of elements: [Element]) -> [[Element]] {
  guard elements.count > 1 else { return [elements] }
  return elements.indices.flatMap { index in
    var rest = elements
    let first = rest.remove(at: index)
    return permutations(of: rest).map { [first] + $0 }
  }
}
