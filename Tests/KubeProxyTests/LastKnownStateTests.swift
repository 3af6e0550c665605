import Applier
import ApplierSupport
import Doubles
import Foundation
import KubernetesAPI
import Logging
import ServiceModel
import StateFile
import Testing
import Watcher

@testable import Health
@testable import KubeProxy
@testable import Time

/// The state file around a kernel in memory. The file is used after 10 seconds and for a day. Objects: see
/// `NumberedObjects`.
@Suite(.timeLimit(.minutes(2))) struct LastKnownStateTests {
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "last-known-\(UUID().uuidString)").path
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    var file: String { path + "/state" }
  }

  private static func listed(_ numbers: [Int]) -> [ClusterEvent] {
    [
      .replaceServices(numbers.map(NumberedObjects.service)), .replaceSlices(numbers.map { NumberedObjects.slice($0) }),
      .replaceNodes([Node(name: "node", zone: "a")]),
    ]
  }

  /// If anything waited in between, its timer would never end, because the test does not move the clock on.
  @Test func `the sync begins and ends at the moment at which the wait for the API server ends`() async throws {
    let folder = try Folder()
    try LastKnownBench.put([1, 2, 3], at: folder.file)
    let bench = LastKnownBench(path: folder.file, isPaced: true)
    var reports = bench.observer.reports.makeAsyncIterator()
    await bench.clock.waitForSleep(until: 10)
    let deadline = bench.clock.now().advanced(by: .seconds(10))
    bench.clock.advance(10)
    guard case .synced(let first)? = await reports.next() else { throw Missed() }
    #expect(first.start == deadline)
    #expect(first.end == deadline)
    #expect(bench.services == 3)
    try await bench.stop()
  }

  @Test func `rules come from the file when the API server stays silent, and then from it in one sync`() async throws {
    let folder = try Folder()
    try LastKnownBench.put([1, 2, 3], at: folder.file)
    let bench = LastKnownBench(path: folder.file)
    var reports = bench.observer.reports.makeAsyncIterator()
    await bench.clock.waitForSleep(until: 10)
    #expect(await !bench.cluster.isComplete)
    bench.clock.advance(10)
    guard case .synced(let first)? = await reports.next() else { throw Missed() }
    #expect(first.report.scope == .full)
    #expect(bench.services == 3)
    let entry = try #require(await bench.entry("rules use the last known state"))
    #expect(entry.metadata["age"] == "1 h 0 min")
    #expect(entry.metadata["resourceVersions"] == "services=7")

    let report = bench.health.report
    #expect(report.stateTime == SteppedClock.time(-3600))
    #expect(report.isHealthy && report.isNodeEligible)
    let answer = HealthAnswer.healthz(report)
    #expect(answer.status == 200)
    #expect(answer.body.hasSuffix(#","stateTime":"\#(report.stateTime!.rfc3339)"}"#))
    bench.lastKnown.collectMetrics()
    #expect(bench.metric("swiftkubeproxy_state_age_seconds") == 3610)
    #expect(bench.metric("swiftkubeproxy_state_restored_total") == 1)

    // The API server comes back and sends one list after the other. The daemon uses them only when it has all.
    await bench.channel.send([
      .replaceServices([NumberedObjects.service(2), NumberedObjects.service(3), NumberedObjects.service(4)])
    ])
    await bench.channel.send([.replaceNodes([Node(name: "node", zone: "b")])])
    await bench.channel.send([
      .replaceSlices([NumberedObjects.slice(2), NumberedObjects.slice(3, "10.10.0.33"), NumberedObjects.slice(4)])
    ])
    while case let report? = await reports.next() {
      guard case .synced(let second) = report else { continue }
      #expect(second.report.scope == .partial)
      #expect(second.work.services == 3, "Service 2 is as it was")
      break
    }
    #expect(bench.services == 3)
    #expect(bench.kernel.current.restores == 2, "the events before the last one changed no rule")
    _ = await bench.entry("the rules use its objects again")
    #expect(bench.health.report.stateTime == nil)
    #expect(!HealthAnswer.healthz(bench.health.report).body.contains("stateTime"))
    bench.lastKnown.collectMetrics()
    #expect(bench.metric("swiftkubeproxy_state_age_seconds") == 0)
    try await bench.stop()
    #expect(Set(try bench.saved.snapshot.services.keys.map(\.name)) == ["s2", "s3", "s4"])
    #expect(try bench.saved.snapshot.nodes["node"]?.zone == "b")
  }

  @Test func `a file is not read when the API server answers in time`() async throws {
    let folder = try Folder()
    try LastKnownBench.put([1, 2, 3], at: folder.file)
    let bench = LastKnownBench(path: folder.file)
    await bench.clock.waitForSleep(until: 10)
    bench.watch(.watching, lastEvent: 0)
    await bench.channel.send(Self.listed([4]))
    var reports = bench.observer.reports.makeAsyncIterator()
    guard case .synced? = await reports.next() else { throw Missed() }
    #expect(bench.services == 1)
    _ = await bench.entry("state written to its file")
    #expect(bench.metric("swiftkubeproxy_state_restored_total") == 0)
    #expect(Set(try bench.saved.snapshot.services.keys.map(\.name)) == ["s4"])
    try await bench.stop()
  }

  @Test(arguments: [
    (86401, "node", LastKnownBench.identity, "86401 seconds old"),
    (60, "other", LastKnownBench.identity, "of another node, \"other\""),
    (60, "node", ClusterIdentity(server: "https://192.0.2.2:6443", certificateAuthority: nil), "another cluster"),
  ])
  func `a file that is too old or not of this node is named and ignored`(
    _ age: Int, _ node: String, _ cluster: ClusterIdentity, _ reason: String
  ) async throws {
    let folder = try Folder()
    try LastKnownBench.put([1], at: folder.file, age: Int64(age), node: node, cluster: cluster)
    let bench = LastKnownBench(path: folder.file)
    await bench.clock.waitForSleep(until: 10)
    bench.clock.advance(10)
    // 10 seconds have passed since the start.
    let entry = try #require(await bench.entry("the state file is not used"))
    #expect(entry.level == .warning)
    let error = "\(entry.metadata["error"] ?? "")"
    #expect(error.contains(age > 86400 ? "\(age + 10) seconds old" : reason), "\(error)")
    await bench.channel.send(Self.listed([2]))
    var reports = bench.observer.reports.makeAsyncIterator()
    guard case .synced? = await reports.next() else { throw Missed() }
    #expect(bench.services == 1)
    try await bench.stop()
  }

  @Test func `without a file the daemon waits for the API server`() async throws {
    let folder = try Folder()
    let bench = LastKnownBench(path: folder.file)
    await bench.clock.waitForSleep(until: 10)
    bench.clock.advance(10)
    let entry = try #require(await bench.entry("there is no state file yet"))
    #expect(entry.level == .info)
    #expect(await !bench.cluster.isComplete)
    try await bench.stop()
    #expect(!FileManager.default.fileExists(atPath: folder.file), "nothing is known that could be kept")
  }

  @Test func `the file is written at most once a minute, after a change, and at the end`() async throws {
    let folder = try Folder()
    let bench = LastKnownBench(path: folder.file)
    bench.watch(.watching, lastEvent: 0)
    await bench.channel.send(Self.listed([1]))
    _ = await bench.entry("state written to its file")
    let first = try bench.saved
    #expect(first.header.resourceVersions == ["services": "81423"])
    #expect(first.header.asOf == SteppedClock.time(0))

    await bench.clock.waitForSleep(until: 3600)
    bench.clock.advance(5)
    await bench.channel.send([.setService(NumberedObjects.service(2))])
    // The write comes only after the minute.
    await bench.clock.waitForSleep(until: 60)
    #expect(try bench.saved == first)
    bench.clock.advance(55)
    _ = await bench.entry("state written to its file")
    #expect(try bench.saved.snapshot.services.count == 2)

    // Nothing changes for an hour. Then the file is written with the new time.
    await bench.clock.waitForSleep(until: 3660)
    bench.clock.advance(3600)
    _ = await bench.entry("state written to its file")
    #expect(try bench.saved.header.asOf == SteppedClock.time(3660))

    // The API server goes away. The state's time stays that of its last answer.
    bench.watch(.backingOff, lastEvent: Double(SteppedClock.start + 3700))
    await bench.channel.send([.setService(NumberedObjects.service(3))])
    await bench.clock.waitForSleep(until: 3720)
    bench.clock.advance(50)
    try await bench.stop()
    #expect(try bench.saved.snapshot.services.count == 3)
    #expect(try bench.saved.header.asOf == SteppedClock.time(3700))
  }

  @Test func `a failed write is reported once and tried each minute`() async throws {
    let folder = try Folder()
    let bench = LastKnownBench(path: folder.path + "/none/state")
    bench.watch(.watching, lastEvent: 0)
    await bench.channel.send(Self.listed([1]))
    let entry = try #require(await bench.entry("the state file cannot be written"))
    #expect(entry.level == .warning)
    #expect("\(entry.metadata["error"] ?? "")".contains("No such file or directory"))
    await bench.clock.waitForSleep(until: 60)
    bench.clock.advance(60)
    await bench.clock.waitForSleep(until: 120)
    try FileManager.default.createDirectory(atPath: folder.path + "/none", withIntermediateDirectories: false)
    bench.clock.advance(60)
    _ = await bench.entry("state written to its file")
    #expect(
      try StateFile(path: folder.path + "/none/state").read { (_) throws(StateFileError) in }.snapshot.services.count
        == 1)
    try await bench.stop()
    #expect(bench.log.entries.filter { $0.message.contains("cannot be written") }.count == 1)
  }

  private struct Missed: Error {}
}
