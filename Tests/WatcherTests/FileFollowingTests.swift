import Doubles
import Glibc
import KubernetesAPI
import Logging
import ServiceModel
import Synchronization
import Testing

@testable import Watcher

/// Real files and real inotify. No test sleeps: each step waits for the events of the step before.
@Suite(.timeLimit(.minutes(5))) struct FileFollowingTests {
  @Test func `writing a file in place`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("web.yaml", service("a"))
    try await following(directory.path("web.yaml")) { names in
      #expect(try await names() == ["a"])
      try directory.write("web.yaml", service("b"))
      #expect(try await names() == ["b"])
    }
  }

  @Test func `renaming another file over it`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("web.yaml", service("a"))
    try await following(directory.path("web.yaml")) { names in
      #expect(try await names() == ["a"])
      try directory.write(".web.yaml.swp", service("b"))
      try directory.rename(".web.yaml.swp", "web.yaml")
      #expect(try await names() == ["b"])
    }
  }

  @Test func `files come and go in a directory`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("1.yaml", service("a"))
    try await following(directory.root) { names in
      #expect(try await names() == ["a"])
      try directory.write(
        "2.json",
        #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"b"},"spec":{"clusterIP":"10.200.1.2","ports":[{"port":1}]}}"#
      )
      #expect(try await names() == ["a", "b"])
      try directory.write("note.txt", "not a manifest")
      try directory.remove("1.yaml")
      #expect(try await names() == ["b"])
    }
  }

  /// kubelet makes a new directory, points ..data to it by renaming a link over the old one, and removes the old one.
  @Test func `config map volume`() async throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("..1")
    try directory.write("..1/web.yaml", service("a"))
    try directory.link("..data", to: "..1")
    try directory.link("web.yaml", to: "..data/web.yaml")
    for path in [directory.root, directory.path("web.yaml")] {
      let next = path == directory.root ? "2" : "3"
      let (old, new) = path == directory.root ? ("a", "b") : ("b", "c")
      try await following(path) { names in
        #expect(try await names() == [old])
        try directory.makeDirectory("..\(next)")
        try directory.write("..\(next)/web.yaml", service(new))
        try directory.link("..data_tmp", to: "..\(next)")
        try directory.rename("..data_tmp", "..data")
        #expect(try await names() == [new])
      }
    }
  }

  @Test func `link to a file elsewhere`() async throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("there")
    try directory.write("there/real.yaml", service("a"))
    try directory.link("web.yaml", to: directory.path("there/real.yaml"))
    try await following(directory.path("web.yaml")) { names in
      #expect(try await names() == ["a"])
      try directory.write("there/real.yaml", service("b"))
      #expect(try await names() == ["b"])
    }
  }

  @Test func `the rules stay while a link leads nowhere, and its target is followed again`() async throws {
    let (directory, elsewhere) = (try TemporaryDirectory(), try TemporaryDirectory())
    try directory.write("a.yaml", service("a"))
    try elsewhere.write("b.yaml", service("b"))
    try directory.link("b.yaml", to: elsewhere.path("b.yaml"))
    let log = LogCollector()
    try await following(directory.root, log: log) { names in
      #expect(try await names() == ["a", "b"])
      try elsewhere.remove("b.yaml")
      await log.next(with: "the rules stay unchanged")
      try elsewhere.write("b.yaml", service("c"))
      #expect(try await names() == ["a", "c"])
    }
  }

  @Test func `broken file keeps the last good state`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("web.yaml", service("a"))
    let log = LogCollector()
    try await following(directory.path("web.yaml"), log: log) { names in
      #expect(try await names() == ["a"])
      try directory.write("web.yaml", "a: [")
      await log.next(with: "the rules stay unchanged")
      try directory.write("web.yaml", service("b"))
      #expect(try await names() == ["b"])
      #expect(log.messages.contains("manifests can be read again"))
    }
  }

  @Test func `directory that is replaced`() async throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("m")
    try directory.write("m/web.yaml", service("a"))
    let log = LogCollector()
    try await following(directory.path("m"), log: log) { names in
      #expect(try await names() == ["a"])
      try directory.rename("m", "old")
      await log.next(with: "the rules stay unchanged")
      try directory.makeDirectory("new")
      try directory.write("new/web.yaml", service("b"))
      try directory.rename("new", "m")
      #expect(try await names() == ["b"])
    }
  }

  /// Opening a pipe would block for ever.
  @Test func `pipe in a directory`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("web.yaml", service("a"))
    let log = LogCollector()
    try await following(directory.root, log: log) { names in
      #expect(try await names() == ["a"])
      #expect(mkfifo(directory.path("pipe.yaml"), 0o600) == 0)
      await log.next(with: "pipe.yaml is not a regular file")
      try directory.remove("pipe.yaml")
      try directory.write("web.yaml", service("b"))
      #expect(try await names() == ["b"])
    }
  }

  /// The process or the kernel has no descriptors, inotify watches or threads left. No file event tells when there are
  /// some again.
  @Test func `a file that cannot be read is read again later`() async throws {
    let storage = ScarceFiles(service("a"))
    let feed = MemoryFileChanges()
    let channel = ClusterEventChannel()
    let log = LogCollector()
    let follower = ManifestFollower(
      path: "/web.yaml", changes: feed, output: channel, logger: log.logger, storage: storage,
      clock: SkippingClock { _ in storage.code.withLock { $0 = 0 } })
    let task = Task { try await follower.run() }
    #expect(serviceNames(await channel.next()) == ["a"])
    storage.code.withLock { $0 = EMFILE }
    storage.text.withLock { $0 = service("b") }
    feed.change()
    await log.next(with: "Too many open files")
    #expect(serviceNames(await channel.next()) == ["b"])
    task.cancel()
    try await task.value
  }

  @Test(arguments: ["/dev/zero", "/dev/full"])
  func `a device in a manifest directory is refused`(path: String) throws {
    let directory = try TemporaryDirectory()
    try directory.link("zero.yaml", to: path)
    let error = #expect(throws: ManifestError.self) { try ManifestLoader().load(directory.root) }
    #expect(error?.description == "\(directory.root)/zero.yaml is not a regular file")
  }

  @Test func `missing at the start is an error`() async throws {
    let directory = try TemporaryDirectory()
    let follower = ManifestFollower(
      path: directory.path("none.yaml"), changes: try Inotify(), output: ClusterEventChannel(),
      logger: Logger(label: "test"))
    await #expect(throws: ManifestError.self) { try await follower.run() }
  }

  @Test func `changed configuration file is noticed`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("config.yaml", "mode: iptables")
    let feed = try Inotify()
    let watch = FileContentWatch(path: directory.path("config.yaml"), changes: feed)
    async let changed = watch.waitForChange(from: Array("mode: iptables".utf8))
    try directory.write("other.yaml", "x")
    try directory.write("config.yaml", "mode: iptables")
    try directory.write("config.yaml", "mode: \"\"")
    #expect(try await changed)
  }

  /// It was read to its end, so it would seem to be empty now.
  @Test func `a configuration from standard input does not change`() async throws {
    let feed = MemoryFileChanges()
    let watch = FileContentWatch(path: "-", changes: feed, storage: MemoryFiles(["-": ""]))
    let waiting = Task { try await watch.waitForChange(from: Array("mode: iptables".utf8)) }
    feed.change()
    waiting.cancel()
    #expect(try await !waiting.value)
  }

  @Test func `files that are not followed any more are an error`() async throws {
    let feed = MemoryFileChanges()
    feed.finish()
    let files = MemoryFiles(["/web.yaml": service("a")])
    let follower = ManifestFollower(
      path: "/web.yaml", changes: feed, output: ClusterEventChannel(), logger: Logger(label: "test"), storage: files)
    await #expect(throws: FileChangesEnded.self) { try await follower.run() }
    let watch = FileContentWatch(path: "/web.yaml", changes: feed, storage: files)
    await #expect(throws: FileChangesEnded.self) { try await watch.waitForChange(from: Array(service("a").utf8)) }
  }

  /// If a file changes during a reading, the reading is discarded. This ends after some readings.
  @Test func `a directory that changes all the time is still read`() async throws {
    let feed = MemoryFileChanges { $0.change() }
    let channel = ClusterEventChannel()
    let follower = ManifestFollower(
      path: "/web.yaml", changes: feed, output: channel, logger: Logger(label: "test"),
      storage: MemoryFiles(["/web.yaml": service("a")]))
    let task = Task { try await follower.run() }
    #expect(serviceNames(await channel.next()) == ["a"])
    task.cancel()
    try await task.value
  }
}

/// Follows a path while `body` runs. The argument of `body` waits for the next event and returns the names of its
/// Services.
private func following(
  _ path: String, log: LogCollector = LogCollector(), _ body: (() async throws -> [String]) async throws -> Void
) async throws {
  let channel = ClusterEventChannel()
  let follower = ManifestFollower(
    path: path, changes: try Inotify(), output: channel, logger: log.logger)
  let task = Task { try await follower.run() }
  // Also if `body` throws.
  defer { task.cancel() }
  try await body { serviceNames(await channel.next()) }
  task.cancel()
  try await task.value
}

private func serviceNames(_ events: [ClusterEvent]) -> [String] {
  events.flatMap { event -> [String] in
    if case .replaceServices(let services) = event { services.map(\.name.name) } else { [] }
  }
}

private func service(_ name: String) -> String {
  """
  apiVersion: v1
  kind: Service
  metadata: {name: \(name)}
  spec: {clusterIP: 10.200.1.1, ports: [{port: 80}]}
  """
}

/// One file. While `code` is not 0, reading it fails with this `errno`.
private final class ScarceFiles: ManifestStorage {
  let code = Mutex<Int32>(0)
  let text: Mutex<String>

  init(_ text: String) { self.text = Mutex(text) }

  func kind(of path: String) throws(FileError) -> FileKind { .other }
  func names(in directory: String) throws(FileError) -> [String] { [] }
  func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    let code = code.withLock { $0 }
    if code != 0 { throw FileError(operation: "open", path: path, code: code) }
    try Array(text.withLock { $0 }.utf8).withUnsafeBytes(take)
  }
}
