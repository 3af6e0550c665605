import System
import Testing

@testable import KubeProxy

/// The daemon's parts all end, in order and in time.
@Suite(.timeLimit(.minutes(1))) struct PartGroupTests {
  struct Broken: Error {}

  private let ends = Watched<[String]>([])

  private func part(_ name: String) -> DaemonPart {
    DaemonPart(name) { [ends] in
      await Cancellation.wait()
      ends.withLock { $0.append(name) }
    }
  }

  private func group(_ parts: [DaemonPart]) -> PartGroup {
    PartGroup(parts, patience: .seconds(60)) { Issue.record("overdue: \($0.names)") }
  }

  @Test func `a stop ends the parts in reverse order`() async throws {
    let group = group([part("intake"), part("sync"), part("healthz")])
    async let running: Void = group.run()
    group.stop()
    group.stop()
    try await running
    #expect(ends.withLock { $0 } == ["healthz", "sync", "intake"])
  }

  @Test func `a part that is done ends no other part`() async throws {
    let returned = Watched(false)
    let group = group([part("sync"), DaemonPart("source") { returned.withLock { $0 = true } }])
    async let running: Void = group.run()
    await returned.until { $0 }
    #expect(ends.withLock { $0 } == [])
    group.stop()
    try await running
    #expect(ends.withLock { $0 } == ["sync"])
  }

  @Test func `a part that fails ends the others and the group with it`() async {
    let group = group([part("sync"), DaemonPart("metrics") { throw Broken() }, part("healthz")])
    await #expect(throws: Broken.self) { try await group.run() }
    #expect(ends.withLock { $0 } == ["healthz", "sync"])
  }

  @Test func `a part that fails while it is stopped does not fail the group`() async throws {
    let group = group([
      DaemonPart("sync") {
        await Cancellation.wait()
        throw Broken()
      }
    ])
    async let running: Void = group.run()
    group.stop()
    try await running
  }

  @Test func `cancelling the group's task stops the parts too`() async throws {
    let group = group([part("sync")])
    let task = Task { try await group.run() }
    task.cancel()
    try await task.value
    #expect(ends.withLock { $0 } == ["sync"])
  }

  @Test(arguments: [true, false])
  func `parts that do not end in time are named, on another thread than theirs`(fails: Bool) async throws {
    let told = Watched<PartGroup.Overdue?>(nil)
    let isLetGo = Watched(false)
    let stuck = DaemonPart("stuck") { _ = await isLetGo.waitAnyway { $0 ? true : nil } }
    let breaks = DaemonPart("breaks") { if fails { throw Broken() } }
    let group = PartGroup([part("sync"), stuck, part("healthz"), breaks], patience: .zero) { overdue in
      told.withLock { if $0 == nil { $0 = overdue } }
      isLetGo.withLock { $0 = true }
    }
    let running = Task { try await group.run() }
    if !fails { group.stop() }
    let overdue = await told.wait { $0 }
    // The test's time limit ends this wait, and then nothing else has let the part go.
    if overdue == nil {
      isLetGo.withLock { $0 = true }
      running.cancel()
    }
    #expect(overdue?.names.contains("stuck") == true)
    #expect((overdue?.failure is Broken) == fails)
    _ = await running.result
    #expect(ends.withLock { $0 } == ["healthz", "sync"])
  }
}
