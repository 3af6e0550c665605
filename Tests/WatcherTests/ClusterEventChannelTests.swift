import ServiceModel
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
    async let first: Void = channel.send([.removeNode("a"), .removeNode("b")])
    #expect(await channel.next() == [.removeNode("a"), .removeNode("b")])
    await first
    await channel.send([.removeNode("c")])
    #expect(await channel.next() == [.removeNode("c")])
  }

  @Test func `finish ends reader and writers`() async {
    let channel = ClusterEventChannel(limit: 1)
    async let writer: Void = channel.send([.removeNode("a")])
    #expect(await channel.next() == [.removeNode("a")])
    await writer
    channel.finish()
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
