import Glibc
import Logging
import Synchronization
import System
import Time

/// Answers HTTP requests on any number of ports from one thread, which blocks only in `poll`.
///
/// Handlers run as tasks. `HTTPLimits` limits what a client can use.
package final class HTTPServer: Sendable {
  package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

  /// A set of listening sockets with the same handler.
  package struct Listener: Hashable, Sendable {
    let number: Int
    /// The ports of the sockets.
    package let ports: [UInt16]
  }

  private let mailbox: ServerMailbox
  private let nextNumber = Atomic(0)

  /// Throws if the kernel refuses the thread or its wake-up descriptor.
  /// - Parameter logger: gets a warning when the process has no descriptors left for clients.
  package init(
    limits: HTTPLimits = HTTPLimits(), logger: Logger? = nil, clock: @escaping @Sendable () -> Moment = Moment.now
  ) throws(ListenError) {
    let mailbox = try ServerMailbox()
    self.mailbox = mailbox
    do {
      try OwnThread.start("http") {
        var loop = ServerLoop(mailbox: mailbox, limits: limits, logger: logger, clock: clock)
        loop.run()
      }
    } catch {
      throw ListenError(address: nil, step: .wake, code: error.code)
    }
  }

  deinit { mailbox.post(.stop) }

  /// Listens on all of these addresses. If one of them fails, listens on none.
  package func listen(
    on addresses: [ListenAddress], handler: @escaping Handler
  ) throws(ListenError) -> Listener {
    var files: [CInt] = []
    for address in addresses {
      do {
        files.append(try ServerSocket.listen(at: address))
      } catch {
        for file in files { ServerSocket.close(file) }
        throw error
      }
    }
    let listener = Listener(
      number: nextNumber.add(1, ordering: .relaxed).newValue, ports: files.map(ServerSocket.port(of:)))
    mailbox.post(.open(listener, files, handler))
    return listener
  }

  /// Closes a listener and its connections. Its ports are free when this returns.
  package func close(_ listener: Listener) async {
    await withCheckedContinuation { mailbox.post(.close(listener, $0)) }
  }
}
