import Glibc
import Netlink
import ServiceModel
import System

/// Reports commits to nf_tables by other programs that change the proxy's rules, as they happen.
///
/// Real: ``NFTablesMonitor``. In memory: any `AsyncStream`.
package protocol ForeignChangeMonitor: Sendable {
  /// Ends when the task that reads it is cancelled.
  func changes() throws(SystemError) -> AsyncStream<ForeignChange>
}

/// Listens to NFNLGRP_NFTABLES in the calling thread's network namespace.
package struct NFTablesMonitor: ForeignChangeMonitor {
  private let ownProcesses: OwnProcesses

  /// - Parameter ownProcesses: records the restore processes. Their commits are not foreign.
  package init(ownProcesses: OwnProcesses) { self.ownProcesses = ownProcesses }

  /// When this returns, the socket is open and receives messages.
  package func changes() throws(SystemError) -> AsyncStream<ForeignChange> {
    let socket = try NetlinkSocket()
    try PortFilter.attach(ignoring: ownProcesses.running, to: socket)
    try socket.join(NetfilterNumbers.tablesGroup)
    let wake = try PollWakeUp()
    let observer = ownProcesses.observe { running in
      // If the kernel rejects the filter, this program receives its own commits too and recognises them by their pid,
      // which costs time.
      try? PortFilter.attach(ignoring: running, to: socket)
    }
    // If there are many changes at once, one of them is enough.
    let (stream, continuation) = AsyncStream.makeStream(of: ForeignChange.self, bufferingPolicy: .bufferingNewest(16))
    continuation.onTermination = { _ in
      ownProcesses.stopObserving(observer)
      wake.signal()
    }
    let own = ownProcesses
    do throws(SystemError) {
      try OwnThread.start("nf_tables") {
        NFTablesMonitor.listen(socket, wake, ForeignChangeReader(isOwn: own.contains), continuation)
      }
    } catch {
      continuation.finish()
      throw error
    }
    return stream
  }

  private static func listen(
    _ socket: NetlinkSocket, _ wake: PollWakeUp, _ reader: ForeignChangeReader,
    _ continuation: AsyncStream<ForeignChange>.Continuation
  ) {
    var reader = reader
    defer { continuation.finish() }
    while wake.waitForInput(of: socket.descriptor) {
      do {
        for message in try socket.receive() {
          if let change = reader.consume(message) { continuation.yield(change) }
        }
      } catch {
        // The socket's buffer was full. The kernel dropped messages and reports it once. Messages that cannot be read
        // are lost too.
        guard [ENOBUFS, EBADMSG].contains(error.code) else { return }
        continuation.yield(ForeignChange(families: [.ipv4, .ipv6], pid: 0, program: "", isOverrun: true))
      }
    }
  }
}
