import Doubles
import Foundation
import Glibc
import KubernetesAPI
import Logging
import Synchronization
import Testing
import Time

@testable import Watcher

/// Following files where the kernel has no inotify instance or watch to give.
@Suite(.timeLimit(.minutes(5))) struct FileChangesTests {
  /// Counts the pauses and calls a closure at each. After the last one it cancels the waiting task.
  private final class StepClock: MomentClock {
    private let steps: Mutex<[@Sendable () throws -> Void]>
    private let waits = Mutex(0)

    init(_ steps: [@Sendable () throws -> Void]) { self.steps = Mutex(steps) }

    var pauses: Int { waits.withLock { $0 } }
    func now() -> Moment { .now() }

    func sleep(until moment: Moment) async {
      waits.withLock { $0 += 1 }
      guard let step = steps.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
        return withUnsafeCurrentTask { $0?.cancel() }
      }
      do { try step() } catch { Issue.record(error) }
    }
  }

  private struct Refusing: FileChangeFeed {
    let error: FileError
    func watch(_ interests: DirectoryInterests) throws(FileError) { throw error }
    var generation: UInt64 { 7 }
    func changed(since known: UInt64) async -> Bool { false }
  }

  private static let noInstance = FileError(operation: "inotify_init1", path: "", code: EMFILE)

  private func changes(
    _ clock: StepClock, _ log: LogCollector, _ inotify: () throws(FileError) -> any FileChangeFeed
  ) throws(FileError) -> FileChanges {
    try FileChanges(logger: log.logger, clock: clock, inotify: inotify)
  }

  @Test func `without an instance a change is found at the next look, and two limits are named once`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("a.yaml", "one")
    try directory.write("other", "x")
    let clock = StepClock([
      {}, { try directory.write("other", "longer than before") }, { try directory.write("a.yaml", "three") },
    ])
    let log = LogCollector()
    let changes = try changes(clock, log) { () throws(FileError) in throw Self.noInstance }
    try changes.watch(WatchedDirectories.of(directory.path("a.yaml")))
    let before = changes.generation
    #expect(await changes.changed(since: before))
    #expect(clock.pauses == 3, "neither nothing nor another file's change is one")
    let last = Task { await changes.changed(since: changes.generation) }
    #expect(await !last.value, "the clock ends it")
    let told = log.messages.filter { $0.contains("checking the files every few seconds") }
    let limits = "because fs.inotify.max_user_instances or this process's limit of open files (ulimit -n) is used up"
    #expect(told.count == 1 && told[0].contains(limits), "\(log.messages)")
  }

  @Test func `files that are replaced, created or removed are found`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("a.yaml", "one")
    try directory.write("b.tmp", "two")
    let clock = StepClock([
      { try directory.rename("b.tmp", "a.yaml") }, { try directory.remove("a.yaml") },
      { try directory.write("c.yaml", "new") },
    ])
    let changes = PolledFileChanges(clock: clock)
    try changes.watch(WatchedDirectories.of(directory.root))
    for number in 1...3 {
      #expect(await changes.changed(since: changes.generation))
      #expect(clock.pauses == number)
    }
  }

  /// Nanoseconds since 1970 fit into 64 bits only until 2262.
  @Test func `a file whose time is in the year 2300 is followed`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("a.yaml", "one")
    @Sendable func set(_ nanoseconds: Int) {
      let time = timespec(tv_sec: 10_413_792_000, tv_nsec: nanoseconds)
      #expect(utimensat(AT_FDCWD, directory.path("a.yaml"), [time, time], 0) == 0)
    }
    set(1)
    let clock = StepClock([{ set(2) }])
    let changes = PolledFileChanges(clock: clock)
    try changes.watch(WatchedDirectories.of(directory.path("a.yaml")))
    #expect(await changes.changed(since: changes.generation))
  }

  /// `l/cur` is a link two levels above the path's last name.
  @Test func `each link in a path is watched`() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("l")
    for version in ["v1", "v2"] { try directory.makeDirectory("l/\(version)") }
    try directory.makeDirectory("l/v1/deploy")
    try directory.makeDirectory("l/v1/deploy/m")
    try directory.link("l/cur", to: "v1")
    try directory.link("here", to: directory.path("l"))
    var expected = DirectoryInterests()
    expected.add(directory.root, .some(["here"]))
    expected.add(directory.path("l"), .some(["cur"]))
    expected.add(directory.path("l/v1/deploy"), .some(["m"]))
    expected.add(directory.path("l/v1/deploy/m"), .all)
    #expect(WatchedDirectories.of(directory.path("here/cur/deploy/m")) == expected)
  }

  @Test func `a failed attempt leaves no watches`() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("a")
    let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let watches = InotifyWatches(descriptor: descriptor)
    var interests = DirectoryInterests()
    interests.add(directory.path("a"), .all)
    try watches.replace(interests)
    // The kernel refuses a path of this length.
    interests.add(directory.path(String(repeating: "x", count: 300)), .all)
    #expect(throws: FileError.self) { try watches.replace(interests) }
    let lines = try String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
    #expect(!lines.contains("inotify wd:"), "\(lines)")
  }

  @Test func `without a free inotify watch a change is found at the next look, and the other sysctl is named`()
    async throws
  {
    let directory = try TemporaryDirectory()
    try directory.write("a.yaml", "one")
    let clock = StepClock([{ try directory.write("a.yaml", "another") }])
    let log = LogCollector()
    let refusing = Refusing(error: FileError(operation: "watch", path: directory.root, code: ENOSPC))
    let changes = try changes(clock, log) { () throws(FileError) in refusing }
    try changes.watch(WatchedDirectories.of(directory.path("a.yaml")))
    #expect(await changes.changed(since: changes.generation))
    #expect(log.messages.contains { $0.contains("fs.inotify.max_user_watches") })
  }

  @Test func `any other error of inotify is thrown`() throws {
    let log = LogCollector()
    let error = FileError(operation: "eventfd", path: "", code: ENOMEM)
    #expect(throws: error) { try changes(StepClock([]), log) { () throws(FileError) in throw error } }
    #expect(log.messages.isEmpty)
  }
}
