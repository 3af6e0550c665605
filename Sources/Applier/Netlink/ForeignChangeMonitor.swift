import Glibc
import Netlink
import ServiceModel
import System

/// Reports commits to nf_tables by other programs that change the proxy's rules, as they happen.
///
/// Real: ``NFTablesMonitor``. In memory: any stream.
package protocol ForeignChangeMonitor: Sendable {
  /// The stream ends when the task that reads it is cancelled. It throws if the monitor can no longer listen.
  func changes() throws(SystemError) -> AsyncThrowingStream<ForeignChange, any Error>
}

/// Listens to NFNLGRP_NFTABLES in the calling thread's network namespace.
package struct NFTablesMonitor: ForeignChangeMonitor {
  private let ownProcesses: OwnProcesses
  private let isInInitialPIDNamespace: Bool

  /// - Parameter ownProcesses: records the restore processes. Their commits are not foreign.
  package init(ownProcesses: OwnProcesses) {
    self.init(ownProcesses: ownProcesses, isInInitialPIDNamespace: OwnCommits.isInInitialNamespace)
  }

  init(ownProcesses: OwnProcesses, isInInitialPIDNamespace: Bool) {
    self.ownProcesses = ownProcesses
    self.isInInitialPIDNamespace = isInInitialPIDNamespace
  }

  /// When this returns, the socket is open and receives messages.
  package func changes() throws(SystemError) -> AsyncThrowingStream<ForeignChange, any Error> {
    let socket = try NetlinkSocket()
    let generation = try NFTablesGeneration()
    let wake = try PollWakeUp()
    let own = SharedValue(OwnCommits(isInInitialNamespace: isInInitialPIDNamespace))
    let observer = ownProcesses.observe { event, running in
      NFTablesMonitor.follow(event, running, own, generation, socket)
    }
    // If there are many changes at once, they become one.
    let (stream, continuation) = AsyncThrowingStream.makeStream(
      of: ForeignChange.self, throwing: (any Error).self, bufferingPolicy: .bufferingNewest(1))
    continuation.onTermination = { [ownProcesses] _ in
      ownProcesses.stopObserving(observer)
      wake.signal()
    }
    do throws(SystemError) {
      try socket.join(NetfilterNumbers.tablesGroup)
      try OwnThread.start("nf_tables") {
        let reader = ForeignChangeReader { commit in own.withLock { $0.origin(of: commit) } }
        NFTablesMonitor.listen(socket, wake, reader, continuation)
      }
    } catch {
      continuation.finish()
      throw error
    }
    return stream
  }

  /// Records a restore process. Commits up to the generation before it were not filtered, and after its end the
  /// filter no longer drops messages. So `OwnCommits` knows each commit whose messages may have been dropped.
  private static func follow(
    _ event: OwnProcesses.Event, _ running: [Int32], _ own: SharedValue<OwnCommits>, _ generation: NFTablesGeneration,
    _ socket: NetlinkSocket
  ) {
    switch event {
    case .began(let pid):
      let current = try? generation.current()
      own.withLock { $0.began(pid, after: current) }
      filter(running, socket)
    case .ended(let pid):
      filter(running, socket)
      let current = try? generation.current()
      own.withLock { $0.ended(pid, before: current) }
    }
  }

  /// If the kernel rejects the filter, this program receives the messages about its own commits too, which costs time.
  private static func filter(_ running: [Int32], _ socket: NetlinkSocket) {
    try? PortFilter.attach(ignoring: running, to: socket)
  }

  private static func listen(
    _ socket: NetlinkSocket, _ wake: PollWakeUp, _ reader: ForeignChangeReader,
    _ continuation: AsyncThrowingStream<ForeignChange, any Error>.Continuation
  ) {
    var reader = reader
    while wake.waitForInput(of: socket.descriptor) {
      do {
        for message in try socket.receive() {
          if let change = reader.consume(message) { continuation.merge(change) }
        }
      } catch {
        // The socket's buffer was full. The kernel dropped messages and reports it once. Messages that cannot be read
        // are lost too.
        guard [ENOBUFS, EBADMSG].contains(error.code) else { return continuation.finish(throwing: error) }
        continuation.merge(ForeignChange(families: [.ipv4, .ipv6], pid: 0, program: "", isOverrun: true))
      }
    }
    continuation.finish()
  }
}

extension AsyncThrowingStream<ForeignChange, any Error>.Continuation {
  /// Adds a change to a stream that keeps one. If a change waits there, both become one.
  func merge(_ change: ForeignChange) {
    var change = change
    while case .dropped(let waiting) = yield(change) {
      let merged = waiting.merged(into: change)
      if merged == change { return }
      change = merged
    }
  }
}
