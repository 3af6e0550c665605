import Doubles
import ServiceModel
import Testing

@testable import Conntrack

/// A failing sweep delays no other sweep, and its retries do not become more frequent.
@Suite(.timeLimit(.minutes(1))) struct RetryTests {
  /// A table of which one family cannot be read.
  private struct HalfTable: ConntrackTable {
    static let error = ConntrackError(step: .readDump, code: 105, cause: "No buffer space available")
    let broken: IPFamily

    func sweep(
      _ family: IPFamily, _ transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool
    ) async throws(ConntrackError) -> SweepReport {
      if family == broken { throw HalfTable.error }
      return SweepReport(examined: 1)
    }
  }

  private func flows(_ family: IPFamily) -> ServiceFlows {
    var flows = ServiceFlows(family: family)
    let endpoint = family == .ipv4 ? endpoint1 : socket("fd00:10:2::1", 5353)
    flows.set(name("dns"), ports: [ServicePortFlows(transport: .udp, port: 53, addresses: [], endpoints: [endpoint])])
    return flows
  }

  @Test(arguments: IPFamily.allCases)
  func `a family that cannot be swept does not hold up the other`(_ broken: IPFamily) async {
    let (stream, sink) = AsyncStream.makeStream(of: ReconcileResult.self)
    let clock = PromptClock(limit: 0)
    let reconciler = ConntrackReconciler(table: HalfTable(broken: broken), clock: clock) { sink.yield($0) }
    for family in IPFamily.allCases { reconciler.submit(flows(family)) }
    let running = Task { await reconciler.run() }
    var outcomes: [IPFamily: ConntrackError?] = [:]
    for await result in stream {
      outcomes[result.family] = result.error
      if outcomes.count == 2 { break }
    }
    #expect(outcomes == [broken: HalfTable.error, broken == .ipv4 ? .ipv6 : .ipv4: nil])
    running.cancel()
    await running.value
  }

  @Test func `many changes lead to one retry`() async {
    let clock = PromptClock(limit: 0)
    let (stream, sink) = AsyncStream.makeStream(of: ReconcileResult.self)
    let reconciler = ConntrackReconciler(
      table: HalfTable(broken: .ipv4), clock: clock, retryDelay: .seconds(10)
    ) { sink.yield($0) }
    let running = Task { await reconciler.run() }
    var results = stream.makeAsyncIterator()
    for _ in 0..<50 {
      reconciler.submit(flows(.ipv4))
      #expect(await results.next()?.error == HalfTable.error, "what is new is tried at once")
    }
    let pauses = await clock.slept { !$0.isEmpty }
    #expect(pauses.count == 1)
    running.cancel()
    await running.value
  }

  @Test func `a failed state waits for its retry or for a newer state`() {
    var queue = ReconcileQueue()
    let isFirst = queue.failed(flows(.ipv4))
    #expect(isFirst)
    #expect(queue.next() == nil)
    queue.submit(flows(.ipv6))
    #expect(queue.next()?.family == .ipv6)
    queue.retry(.ipv4)
    #expect(queue.next()?.family == .ipv4)
    _ = queue.failed(flows(.ipv4))
    queue.submit(flows(.ipv4))
    #expect(queue.next()?.family == .ipv4)
    let isSecond = queue.failed(flows(.ipv4))
    #expect(!isSecond, "the retry that was promised is still to come")
  }
}
