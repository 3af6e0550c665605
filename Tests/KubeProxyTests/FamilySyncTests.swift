import Applier
import ApplierSupport
import Doubles
import IPTables
import Planner
import ServiceModel
import Synchronization
import Testing
import Watcher

@testable import KubeProxy
@testable import Time

extension FamilySyncTests.Observer.Report? {
  struct Unexpected: Error { let report: FamilySyncTests.Observer.Report? }

  fileprivate var outcome: SyncOutcome {
    get throws {
      if case .synced(let outcome) = self { return outcome }
      throw Unexpected(report: self)
    }
  }

  fileprivate var failure: SyncFailure {
    get throws {
      if case .failed(let failure) = self { return failure }
      throw Unexpected(report: self)
    }
  }
}

/// The sync loop of one family over a kernel in memory. Objects: see `NumberedObjects`.
@Suite(.timeLimit(.minutes(5))) struct FamilySyncTests {
  /// Collects what the loop reports, and lets a test wait for it.
  final class Observer: SyncObserver {
    enum Report: Sendable { case synced(SyncOutcome), failed(SyncFailure), unneeded }
    let clashes = Mutex<[ClashNews]>([])
    let reports: AsyncStream<Report>
    private let continuation: AsyncStream<Report>.Continuation

    init() { (reports, continuation) = AsyncStream.makeStream() }
    func began(_ family: IPFamily) {}
    func clashesChanged(_ news: ClashNews, _ family: IPFamily) { clashes.withLock { $0.append(news) } }
    func synced(_ outcome: SyncOutcome) { continuation.yield(.synced(outcome)) }
    func failed(_ failure: SyncFailure) { continuation.yield(.failed(failure)) }
    func syncUnneeded(_ family: IPFamily) { continuation.yield(.unneeded) }
  }

  struct Bench {
    let kernel = FakeKernel()
    let observer = Observer()
    let cluster: ClusterState
    let sync: FamilySync

    init() {
      let options = PlannerOptions(family: .ipv4, nodeName: "node")
      cluster = ClusterState(
        families: [.ipv4], start: .init(secondsSince1970: 100), flushTCP: false, options: { _, _ in options },
        localAddresses: { [] })
      sync = FamilySync(
        family: .ipv4, cluster: cluster, applier: FamilyApplier(family: .ipv4, commands: kernel), healthChecks: nil,
        conntrack: nil, observer: observer, clock: SkippingClock(longest: .seconds(600)),
        intervals: .init(minInterval: .seconds(1), maxInterval: .seconds(3600), maxRetry: .seconds(30)))
    }

    func tell(_ events: [ClusterEvent]) async {
      _ = await cluster.apply(events)
      sync.request()
    }

    /// Runs the loop while `body` runs. It is told the complete cluster, so the first report is about the first sync.
    func running(_ body: (inout AsyncStream<Observer.Report>.Iterator) async throws -> Void) async throws {
      let loop = Task { await sync.run() }
      defer { loop.cancel() }
      var reports = observer.reports.makeAsyncIterator()
      await tell(FamilySyncTests.complete)
      try await body(&reports)
    }

    /// The rules of nat KUBE-SERVICES, without the jump to node ports.
    var services: Int { (kernel.current.rules[.ipv4]?[.nat, .services] ?? []).count - 1 }
  }

  private static let complete: [ClusterEvent] = [
    .replaceServices([NumberedObjects.service(1), NumberedObjects.service(2)]),
    .replaceSlices([NumberedObjects.slice(1), NumberedObjects.slice(2)]), .replaceNodes([]),
  ]

  @Test func `nothing is written before everything was listed`() async throws {
    let bench = Bench()
    await bench.tell([.replaceServices([NumberedObjects.service(1)]), .replaceSlices([NumberedObjects.slice(1)])])
    #expect(await bench.cluster.takeWork(.ipv4) == nil)
    await bench.tell([.replaceNodes([])])
    let work = try #require(await bench.cluster.takeWork(.ipv4))
    #expect(!work.isPartial)
  }

  @Test func `changes are counted as pending until they are planned`() async throws {
    let bench = Bench()
    await bench.tell(Self.complete)
    #expect(await bench.cluster.pending == .init(services: 2, slices: 2))
    _ = await bench.cluster.takeWork(.ipv4)
    #expect(await bench.cluster.pending == .init(services: 0, slices: 0))
    await bench.tell([.setSlice(NumberedObjects.slice(3)), .removeService(NumberedObjects.service(1).name)])
    #expect(await bench.cluster.pending == .init(services: 1, slices: 1))
  }

  @Test func `programming latency is that of changes since the start, each in its own family`() async throws {
    let options = { @Sendable (family: IPFamily, _: ClusterSnapshot) in PlannerOptions(family: family, nodeName: "a") }
    let cluster = ClusterState(
      families: [.ipv4, .ipv6], start: .init(secondsSince1970: 100), flushTCP: false, options: options,
      localAddresses: { [] })
    func slice(_ number: Int, _ family: IPFamily, at time: Double) -> EndpointSlice {
      var slice = NumberedObjects.slice(number)
      slice.family = family
      slice.endpoints = []
      slice.lastChangeTriggerTime = WallTime(secondsSince1970: time)
      return slice
    }
    func times(_ family: IPFamily) async -> [Double]? {
      await cluster.takeWork(family)?.triggerTimes.map(\.secondsSince1970)
    }
    _ = await cluster.apply([
      .replaceServices([NumberedObjects.service(1)]), .replaceNodes([]),
      .replaceSlices([slice(1, .ipv4, at: 99), slice(2, .ipv4, at: 101)]),
    ])
    #expect(await times(.ipv4) == [101], "one slice is older than the proxy")
    #expect(await times(.ipv6) == [])
    _ = await cluster.apply([.setSlice(slice(3, .ipv6, at: 103)), .setSlice(slice(1, .ipv4, at: 104))])
    #expect(await times(.ipv4) == [104])
    #expect(await times(.ipv6) == [103])
    // Without a sync in between, the number of times stays bounded.
    for round in 0...ClusterState.mostTriggerTimes {
      _ = await cluster.apply([.setSlice(slice(1, .ipv4, at: Double(200 + round)))])
    }
    #expect(await times(.ipv4)?.count == ClusterState.mostTriggerTimes)
  }

  @Test func `the first sync is full, a change partial, and the kernel has what is planned`() async throws {
    let bench = Bench()
    try await bench.running { reports in
      let first = try await reports.next().outcome
      #expect(first.report.scope == .full)
      #expect(bench.services == 2)
      await bench.tell([.setService(NumberedObjects.service(3)), .setSlice(NumberedObjects.slice(3))])
      let second = try await reports.next().outcome
      #expect(second.report.scope == .partial)
      #expect(bench.services == 3)
      #expect(bench.kernel.current.restores == 2)
    }
  }

  @Test func `a failed restore is followed by a full sync that ends in the planned rules`() async throws {
    let bench = Bench()
    try await bench.running { reports in
      _ = try await reports.next().outcome
      bench.kernel.change { $0.killBeforeCommit = 1 }
      await bench.tell([.removeService(NumberedObjects.service(1).name)])
      let failure = try await reports.next().failure
      #expect(failure.isPartial)
      let retry = try await reports.next().outcome
      #expect(retry.report.scope == .full)
      #expect(bench.services == 1)
    }
  }

  @Test func `a clash is reported once, even if its sync fails`() async throws {
    let bench = Bench()
    try await bench.running { reports in
      _ = try await reports.next().outcome
      #expect(bench.observer.clashes.withLock { $0.count } == 0)
      bench.kernel.change { $0.killBeforeCommit = 1 }
      var service = NumberedObjects.service(3)
      service.clusterIPs = NumberedObjects.service(1).clusterIPs
      await bench.tell([.setService(service), .setSlice(NumberedObjects.slice(3))])
      _ = try await reports.next().failure
      _ = try await reports.next().outcome
      let told = bench.observer.clashes.withLock { $0 }
      #expect(told.map { $0.appeared.map(\.winner.port.service.name) } == [["s1"]])
    }
  }

  @Test func `rules that another program removed are restored after its report`() async throws {
    let bench = Bench()
    try await bench.running { reports in
      _ = try await reports.next().outcome
      bench.kernel.change { $0.rules[.ipv4]?[.nat, .services] = [] }
      bench.sync.repair(reason: "test")
      let repair = try await reports.next().outcome
      #expect(repair.report.drift?.changed == 1)
      #expect(bench.services == 2)
    }
  }
}
