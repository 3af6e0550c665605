import Glibc
import Netlink
import ServiceModel
import Synchronization
import System
import Testing

@testable import Conntrack

/// A kernel that the test simulates. It deletes some stale flows and refuses others.
@Suite(.timeLimit(.minutes(1))) struct RefusedDeletionTests {
  private static func raw(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value, Array.init) }

  /// NLMSG_ERROR (2) or NLMSG_DONE (3).
  private static func end(_ kind: UInt16, _ code: Int32, sequence: UInt32) -> [UInt8] {
    raw(UInt32(20)) + raw(kind) + raw(UInt16(0)) + raw(sequence) + raw(UInt32(0)) + raw(code)
  }

  /// A socket whose kernel has already given these answers.
  private static func socket(_ answers: [UInt8]) throws -> (socket: NetlinkSocket, kernel: Handover<Descriptor>) {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    let kernel = Descriptor(owning: ends[1])
    try kernel.write(answers)
    return (NetlinkSocket(Descriptor(owning: ends[0])), Handover(kernel))
  }

  @Test func `the deletions of a sweep count although the kernel refused some`() async throws {
    let listed = [endpoint1, endpoint2, endpoint3].flatMap { endpoint in
      Inserter.request(flow(clusterIP, to: endpoint), sequence: 1).bytes
    }
    let reading = try Self.socket(listed + Self.end(3, 0, sequence: 1))
    let deleting = try Self.socket(Self.end(2, -EBUSY, sequence: 1) + Self.end(2, 0, sequence: 3))
    let sockets = Mutex([deleting.socket, reading.socket])
    let table = NetlinkConntrackTable { () throws(ConntrackError) in sockets.withLock { $0.removeLast() } }
    let report = try await table.sweep(.ipv4, .udp) { _ in true }
    #expect(report.examined == 3)
    #expect(report.deleted == 2)
    #expect(report.failure == ConntrackError(.delete, code: EBUSY))
    _ = reading.kernel.take()
    _ = deleting.kernel.take()
  }

  private struct Refusing: ConntrackTable {
    func sweep(
      _ family: IPFamily, _ transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool
    ) async throws(ConntrackError) -> SweepReport {
      var report = SweepReport(examined: 3, deleted: 2)
      report.failure = ConntrackError(.delete, code: EBUSY)
      return report
    }
  }

  @Test func `the failure of a sweep is reported with its counts`() async {
    let (results, sink) = AsyncStream.makeStream(of: ReconcileResult.self)
    let reconciler = ConntrackReconciler(table: Refusing()) { sink.yield($0) }
    let running = Task { await reconciler.run() }
    reconciler.submit(flows(dns(endpoint2)))
    let result = await results.first { _ in true }
    running.cancel()
    await running.value
    #expect(result?.report == SweepReport(examined: 3, deleted: 2))
    #expect(result?.error == ConntrackError(.delete, code: EBUSY))
  }
}
