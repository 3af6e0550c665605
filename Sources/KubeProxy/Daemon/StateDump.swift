import Glibc
import Logging
import Planner
import ServiceModel

/// Answers SIGUSR1: writes the rules as they are planned now, and what they are planned from, to a new file.
struct StateDump: Sendable {
  let cluster: ClusterState
  let families: [IPFamily]
  let logger: Logger

  func write() async {
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
    // Never through a link that somebody else put there.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw DumpError(step: "open", code: errno) }
    var isComplete = false
    defer {
      close(descriptor)
      // Half a dump says wrong things, and takes the room that there is not.
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
    let slices = snapshot.slices.values.reduce(0) { $0 + $1.count }
    try put(
      Array(
        "# \(snapshot.services.count) Services, \(slices) EndpointSlices, \(snapshot.nodes.count) Nodes\n".utf8))
    for family in families {
      let options = await cluster.options(of: family)
      try DryRunText(ClusterPlan(options: options, snapshot: snapshot)).write(to: put)
    }
    isComplete = true
  }

  private struct DumpError: Error, CustomStringConvertible {
    let step: String
    let code: Int32
    var description: String { "\(step): \(String(cString: strerror(code)))" }
  }
}
