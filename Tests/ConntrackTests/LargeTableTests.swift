import Glibc
import Lab
import Netlink
import ServiceModel
import System
import Testing

@testable import Conntrack

@Suite(.enabled(if: Sandbox.isPossible, "needs root and network namespaces"), .timeLimit(.minutes(10)))
struct LargeTableTests {
  /// A flow between hosts that have nothing to do with Services.
  private static func unrelated(_ index: Int) -> Flow {
    let client = SocketAddress(
      IPAddress(family: .ipv4, bits: 0xc633_0000 + UInt128(index / 30_000)), port: UInt16(1024 + index % 30_000))
    // VXLAN, the Service's port elsewhere, TCP to the Service's address.
    let destinations = [socket("172.18.0.3", 8472), socket("172.18.0.4", 53), socket("10.200.1.10", 53)]
    let destination = destinations[index % 3]
    return Flow(
      transport: index % 3 == 2 ? .tcp : .udp, source: client, destination: destination, replySource: destination,
      replyDestination: client)
  }

  private static func stale(_ index: Int) -> Flow {
    let client = SocketAddress(address("10.10.1.9"), port: UInt16(2000 + index))
    return Flow(
      transport: .udp, source: client, destination: clusterIP, replySource: endpoint1, replyDestination: client)
  }

  @Test func `a hundred thousand foreign flows are left alone`() async throws {
    try await Sandbox.run("foreign") { sandbox in
      try await sandbox.namespace.run {
        try Inserter.insert((0..<100_000).lazy.map(Self.unrelated))
        try Inserter.insert((0..<500).lazy.map(Self.stale))
      }
      let udp = 66_667
      let result = await sandbox.reconcile(flows(dns(endpoint2)))
      #expect(result?.error == nil)
      #expect(result?.report == SweepReport(examined: udp + 500, deleted: 500), "TCP is not even looked at")
      let rest = [try await sandbox.flows(.ipv4, .udp), try await sandbox.flows(.ipv4, .tcp)]
      #expect(rest.map(\.count) == [udp, 100_000 - udp])
    }
  }

  @Test func `stale TCP flows are deleted on request`() async throws {
    try await Sandbox.run("tcp") { sandbox in
      var gone = Self.stale(1)
      gone.transport = .tcp
      var stays = Self.stale(2)
      stays.transport = .tcp
      stays.replySource = endpoint2
      let inserted = [gone, stays, Self.unrelated(2)]
      try await sandbox.namespace.run { try Inserter.insert(inserted) }
      let result = await sandbox.reconcile(flows(dns(endpoint2, transport: .tcp), flushTCP: true))
      #expect(result?.report == SweepReport(examined: 3, deleted: 1))
      #expect(try await sandbox.flows(.ipv4, .tcp).map(\.replySource).sorted() == [clusterIP, endpoint2].sorted())
    }
  }

  @Test func `an entry that is gone or replaced is not counted as deleted`() async throws {
    try await Sandbox.run("vanish") { sandbox in
      try await sandbox.namespace.run { try Inserter.insert([Self.stale(1), Self.stale(2)]) }
      let seen = try await sandbox.flows()
      let counts = try await sandbox.namespace.run {
        var batch = DeletionBatch(socket: try NetlinkSocket(), family: .ipv4)
        var older = seen[1]
        older.id ^= 1
        // The first flow, the same flow again, and a flow whose entry was replaced by another one.
        for flow in [seen[0], seen[0], older] { try batch.add(flow) }
        try batch.flush()
        return [batch.deleted, batch.vanished]
      }
      #expect(counts == [1, 2])
      #expect(try await sandbox.flows() == [seen[1]])
    }
  }

  @Test func `the kernel sends only the requested protocol`() async throws {
    try await Sandbox.run("filter") { sandbox in
      try await sandbox.namespace.run { try Inserter.insert((0..<30).lazy.map(Self.unrelated)) }
      let counts = try await sandbox.namespace.run {
        try [TransportProtocol.udp, .tcp, .sctp].map { transport in
          try NetlinkSocket().list(DumpRequest.make(.ipv4, transport), "list flows").count
        }
      }
      #expect(counts == [20, 10, 0])
    }
  }

  @Test func `a table that cannot be read is an error`() async {
    let failure = ConntrackError(step: .openSocket, code: EPERM, cause: "Operation not permitted")
    let table = NetlinkConntrackTable { () throws(ConntrackError) in throw failure }
    await #expect(throws: failure) { _ = try await table.sweep(.ipv4, .udp) { _ in false } }
  }

  @Test func `cancellation ends a sweep`() async throws {
    try await Sandbox.run("cancel") { sandbox in
      try await sandbox.namespace.run { try Inserter.insert((0..<3000).lazy.map(Self.unrelated)) }
      let table = sandbox.table
      let (sweep, seen) = (BlockingWatched<Task<SweepReport, any Error>?>(nil), Recorder())
      let task = Task {
        try await table.sweep(.ipv4, .udp) {
          seen.add($0)
          // The sweep has its own thread, which may wait.
          sweep.wait { $0 }.cancel()
          return false
        }
      }
      sweep.withLock { $0 = task }
      let result = await task.result
      #expect(throws: ConntrackError(.cancelled, code: ECANCELED)) { try result.get() }
      #expect((1..<2000).contains(seen.flows.count), "it ends in the middle of 2,000 flows")
    }
  }
}
