import Glibc
import Inspection
import Logging
import Planner
import ServiceModel
import System
import Time

/// Handles SIGUSR1: writes the rules of the current plan, and a summary of the cluster, to a new file.
struct StateDump: Sendable {
  let cluster: ClusterState
  let families: [IPFamily]
  let logger: Logger
  private let wake = WakeSignal()

  init(cluster: ClusterState, families: [IPFamily], logger: Logger) {
    self.cluster = cluster
    self.families = families
    self.logger = logger
  }

  /// Requests a dump. Several requests while a dump is being written lead to one more dump.
  func request() { wake.signal() }

  /// Writes dumps until the task is cancelled.
  func run() async {
    while await wake.wait() { await write() }
  }

  private func write() async {
    let path = "/tmp/swift-kube-proxy-\(getpid())-\(Moment.now().wall.nanosecondsSince1970 / 1_000_000).dump"
    do {
      try await write(to: path)
      logger.notice("state written", metadata: ["path": "\(path)"])
    } catch {
      logger.error("state could not be written", metadata: ["path": "\(path)", "error": "\(error)"])
    }
  }

  private func write(to path: String) async throws {
    let snapshot = await cluster.snapshot
    var options: [PlannerOptions] = []
    for family in families { options.append(await cluster.options(of: family)) }
    let slices = snapshot.slices.values.reduce(0) { $0 + $1.count }
    let head = "# \(snapshot.services.count) Services, \(slices) EndpointSlices, \(snapshot.nodes.count) Nodes\n"
    try await OwnThread.run("dump") { [options] in
      Result {
        try StateDump.write(head, options.map { ClusterPlan(options: $0, snapshot: snapshot) }, to: path)
      }
    }.get()
  }

  private static func write(_ head: String, _ plans: [ClusterPlan], to path: String) throws {
    // Never write through a link that another user has put there.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw DumpError(step: "open", code: errno) }
    var isComplete = false
    defer {
      close(descriptor)
      // An incomplete dump is misleading, and the file system may be full.
      if !isComplete { unlink(path) }
    }
    func put(_ bytes: [UInt8]) throws {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          throw DumpError(step: "write", code: errno)
        }
      }
    }
    try put(Array(head.utf8))
    for plan in plans { try DryRunText(plan).write(to: put) }
    isComplete = true
  }

  private struct DumpError: Error, CustomStringConvertible {
    let step: String
    let code: Int32
    var description: String { "\(step): \(String(cString: strerror(code)))" }
  }
}
