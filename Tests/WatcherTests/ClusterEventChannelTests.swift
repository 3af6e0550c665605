import ServiceModel
import Synchronization
import Testing
import Watcher

@Suite(.timeLimit(.minutes(5))) struct ClusterEventChannelTests {
  @Test func `everything sent is read in its order`() async {
    let channel = ClusterEventChannel()
    await channel.send([.removeNode("a")])
    await channel.send([.removeNode("b"), .removeNode("c")])
    #expect(await channel.next() == [.removeNode("a"), .removeNode("b"), .removeNode("c")])
  }

  @Test func `a reader that waits gets the next batch`() async {
    let channel = ClusterEventChannel()
    async let read = channel.next()
    await channel.send([.removeNode("a")])
    #expect(await read == [.removeNode("a")])
  }

  @Test func `a writer waits for room`() async {
    let channel = ClusterEventChannel(limit: 2)
    let writer = SteppedWriter(channel, [.removeNode("a"), .removeNode("b")])
    #expect(!writer.isDone)
    #expect(await channel.next() == [.removeNode("a"), .removeNode("b")])
    #expect(writer.isDone)
    #expect(SteppedWriter(channel, [.removeNode("c")]).isDone, "there is room for one more")
    #expect(await channel.next() == [.removeNode("c")])
  }

  @Test func `finish ends reader and writers`() async {
    let channel = ClusterEventChannel(limit: 1)
    let writers = ["a", "b"].map { SteppedWriter(channel, [.removeNode($0)]) }
    #expect(writers.map(\.isDone) == [false, false])
    channel.finish()
    #expect(writers.map(\.isDone) == [true, true])
    #expect(await channel.next() == [.removeNode("a"), .removeNode("b")], "what was sent before")
    #expect(await channel.next() == [])
    await channel.send([.removeNode("b")])
    #expect(await channel.next() == [])
  }

  @Test func `cancelling the reader ends it`() async {
    let channel = ClusterEventChannel()
    let reader = Task { await channel.next() }
    reader.cancel()
    #expect(await reader.value == [])
  }
}

/// A task that sends a batch. It runs only when the test looks at it, and then as far as it can.
private final class SteppedWriter: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])
  private let hasSent = Atomic(false)

  init(_ channel: ClusterEventChannel, _ batch: [ClusterEvent]) {
    Task(executorPreference: self) {
      await channel.send(batch)
      self.hasSent.store(true, ordering: .relaxed)
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// Whether `send` has returned. If not, it waits for the channel.
  var isDone: Bool {
    while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
    return hasSent.load(ordering: .relaxed)
  }
}
