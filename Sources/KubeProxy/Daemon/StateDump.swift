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
    let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    do {
      try file.write(head.utf8)
      let number = file.number
      try withExtendedLifetime(file) {
        for plan in plans { try DryRunText(plan).write { try Descriptor.write($0, to: number) } }
      }
    } catch {
      // An incomplete dump is misleading, and the file system may be full.
      unlink(path)
      throw error
    }
  }
}
