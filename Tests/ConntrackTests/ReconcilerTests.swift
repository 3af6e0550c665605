import Doubles
import ServiceModel
import Synchronization
import Testing

@testable import Conntrack

@Suite(.timeLimit(.minutes(5))) struct ReconcilerTests {
  /// Runs a reconciler until it has reported `count` times.
  private func results(
    _ count: Int, table: MemoryConntrackTable, retryDelay: Duration = .zero,
    _ body: @Sendable (ConntrackReconciler) async -> Void,
    onResult: @escaping @Sendable (ReconcileResult) -> Void = { _ in }
  ) async -> [ReconcileResult] {
    let (stream, sink) = AsyncStream.makeStream(of: ReconcileResult.self)
    let reconciler = ConntrackReconciler(table: table, retryDelay: retryDelay) {
      onResult($0)
      sink.yield($0)
    }
    let running = Task { await reconciler.run() }
    await body(reconciler)
    var results: [ReconcileResult] = []
    for await result in stream {
      results.append(result)
      if results.count == count { break }
    }
    running.cancel()
    await running.value
    return results
  }

  @Test func `deletes stale flows and counts`() async {
    let stays = flow(clusterIP, to: endpoint2)
    let table = MemoryConntrackTable([flow(clusterIP, to: endpoint1), flow(clusterIP), stays])
    let results = await results(1, table: table) { $0.submit(flows(dns(endpoint2))) }
    #expect(results.map(\.report) == [SweepReport(examined: 3, deleted: 2)])
    #expect(results.map(\.family) == [.ipv4])
    #expect(table.flows == [stays])
  }

  @Test func `without UDP Services the table is not read`() async {
    let table = MemoryConntrackTable([flow(clusterIP, to: endpoint1)])
    let results = await results(1, table: table) { $0.submit(flows(dns(endpoint2, transport: .tcp))) }
    #expect(results.map(\.report) == [SweepReport()])
    #expect(table.sweeps == 0)
  }

  @Test func `states that arrive during a sweep lead to one more sweep`() async {
    let (entered, enter) = AsyncStream.makeStream(of: Void.self)
    let (opened, open) = AsyncStream.makeStream(of: Void.self)
    let isFirst = Mutex(true)
    let table = MemoryConntrackTable([flow(clusterIP, to: endpoint1)]) {
      guard
        isFirst.withLock({ first in
          defer { first = false }; return first
        })
      else { return }
      enter.yield()
      for await _ in opened { break }
    }
    let results = await results(2, table: table) { reconciler in
      reconciler.submit(flows(dns(endpoint1)))
      for await _ in entered { break }
      for _ in 0..<100 { reconciler.submit(flows(dns(endpoint1))) }
      reconciler.submit(flows(dns(endpoint2)))
      open.yield()
    }
    #expect(results.map(\.report.deleted) == [0, 1], "the newest state counts")
    #expect(table.sweeps == 2)
    #expect(table.mostRunning == 1)
  }

  @Test func `a late sweep does not delete flows of newer rules`() async {
    let (entered, enter) = AsyncStream.makeStream(of: Void.self)
    let (opened, open) = AsyncStream.makeStream(of: Void.self)
    let new = flow(clusterIP, to: endpoint2)
    let newest = flow(socket("172.18.0.3", 30053), to: endpoint3)
    let table = MemoryConntrackTable([flow(clusterIP, to: endpoint1), new, newest]) {
      enter.yield()
      for await _ in opened { break }
    }
    let results = await results(3, table: table) { reconciler in
      reconciler.submit(flows(dns()))
      for await _ in entered { break }
      // Rules for endpoint2 are written, those for endpoint3 are being written.
      reconciler.submit(flows(dns(endpoint2)))
      reconciler.announce(flows(dns(endpoint3)))
      open.yield()
      for await _ in entered { break }
      open.yield()
      reconciler.submit(flows(dns(endpoint3)))
      for await _ in entered { break }
      open.yield()
    }
    #expect(results.map(\.report.deleted) == [1, 0, 1])
    #expect(table.flows == [newest])
  }

  @Test func `a deleted Service is not forgotten when a newer state replaces an unswept one`() {
    var state = flows(dns(endpoint1))
    state.remove(name("dns"))
    var queue = ReconcileQueue()
    queue.submit(state.takeSweep())
    queue.submit(state.takeSweep())
    let (next, none) = (queue.next(), queue.next())
    #expect(next.map { FlowIndex($0).verdict(flow(clusterIP, to: endpoint1)) } == .staleEndpoint)
    #expect(none == nil)
  }

  @Test func `each family has its own place in the queue`() {
    var queue = ReconcileQueue()
    queue.submit(ServiceFlows(family: .ipv6))
    queue.submit(flows(dns(endpoint1)))
    _ = queue.failed(ServiceFlows(family: .ipv4))
    let order = [queue.next(), queue.next(), queue.next()]
    #expect(
      order == [flows(dns(endpoint1)), ServiceFlows(family: .ipv6), nil], "a failed state replaces nothing newer")
  }

  @Test func `a failed sweep is reported and tried again`() async {
    let error = ConntrackError(step: .readDump, code: 105, cause: "No buffer space available")
    let table = MemoryConntrackTable([flow(clusterIP, to: endpoint1)])
    table.fail(with: error)
    let results = await results(
      2, table: table, { $0.submit(flows(dns(endpoint2))) }, onResult: { _ in table.fail(with: nil) })
    #expect(results.map(\.error) == [error, nil])
    #expect(results.map(\.report.deleted) == [0, 1])
    #expect(error.description == "cannot read the conntrack table: No buffer space available (errno 105)")
  }
}
