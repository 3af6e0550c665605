import Glibc
import Netlink
import ServiceModel
import Synchronization
import System

/// The kernel's table, read and changed through ctnetlink: one dump, which the kernel filters by family and protocol,
/// and deletions in batches.
package struct NetlinkConntrackTable: ConntrackTable {
  private let openSocket: @Sendable () throws(ConntrackError) -> NetlinkSocket

  /// The table of the network namespace that the process is in.
  package init() {
    openSocket = { () throws(ConntrackError) in
      try ConntrackError.during(.openSocket) { () throws(SystemError) in try NetlinkSocket() }
    }
  }

  /// The table of the network namespace in which `openSocket` opens its sockets.
  init(openSocket: @escaping @Sendable () throws(ConntrackError) -> NetlinkSocket) { self.openSocket = openSocket }

  package func sweep(
    _ family: IPFamily, _ transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool
  ) async throws(ConntrackError) -> SweepReport {
    let sweep = Sweep(family: family, transport: transport, isStale: isStale)
    let result: Result<SweepReport, ConntrackError> = await withTaskCancellationHandler {
      do throws(SystemError) {
        return try await OwnThread.run("conntrack") {
          Result { () throws(ConntrackError) in try sweep.run(openSocket) }
        }
      } catch {
        return .failure(ConntrackError(.startThread, code: error.code))
      }
    } onCancel: {
      sweep.isCancelled.store(true, ordering: .relaxed)
    }
    return try result.get()
  }
}

/// One pass over the table. It runs on its own thread.
private final class Sweep: Sendable {
  let family: IPFamily
  let transport: TransportProtocol
  let isStale: @Sendable (Flow) -> Bool
  let isCancelled = Atomic(false)

  init(family: IPFamily, transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool) {
    self.family = family
    self.transport = transport
    self.isStale = isStale
  }

  /// A second socket deletes stale flows while the dump continues, so that at most one batch of stale flows is held in
  /// memory. The kernel's dump handles entries that are deleted in the meantime.
  func run(_ openSocket: () throws(ConntrackError) -> NetlinkSocket) throws(ConntrackError) -> SweepReport {
    let reading = try openSocket()
    var deletion = DeletionBatch(socket: try openSocket(), family: family)
    var report = SweepReport()
    do {
      try pass(reading, &deletion, &report)
      report.failure = deletion.refusal
    } catch {
      if error.step == .cancelled { throw error }
      report.failure = error
    }
    report.deleted = deletion.deleted
    report.vanished = deletion.vanished
    return report
  }

  private func pass(
    _ reading: NetlinkSocket, _ deletion: inout DeletionBatch, _ report: inout SweepReport
  ) throws(ConntrackError) {
    var dump = try ConntrackError.during(.requestDump) { () throws(SystemError) in
      try NetlinkDump(
        DumpRequest.make(family, transport), on: reading, limit: .seconds(10), ConntrackError.Step.readDump.rawValue)
    }
    while true {
      guard !isCancelled.load(ordering: .relaxed) else { throw ConntrackError(.cancelled, code: ECANCELED) }
      let next = try ConntrackError.during(.readDump) { () throws(SystemError) in try dump.next() }
      guard let messages = next else { break }
      for message in messages {
        guard let flow = FlowMessage.flow(message), flow.transport == transport else { continue }
        report.examined += 1
        if isStale(flow) { try deletion.add(flow) }
      }
    }
    try deletion.flush()
  }
}
