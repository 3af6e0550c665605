import HTTPServer
import Logging
import System
import Time

/// The health server or the metrics server as a part of the daemon. Listens until its task is cancelled.
///
/// If the address is not available, tries again every five seconds. With `--bind-address-hard-fail` it ends the daemon
/// instead, as kube-proxy does.
package struct HTTPService: Sendable {
  /// The name in log lines, like `healthz`.
  let name: String
  let server: HTTPServer
  let address: ListenAddress
  let failsHard: Bool
  let router: HTTPRouter
  let clock: any MomentClock
  let logger: Logger

  package init(
    name: String, server: HTTPServer, address: ListenAddress, failsHard: Bool, router: HTTPRouter,
    clock: any MomentClock = SystemClock(), logger: Logger
  ) {
    self.name = name
    self.server = server
    self.address = address
    self.failsHard = failsHard
    self.router = router
    self.clock = clock
    self.logger = logger
  }

  static let retryDelay = Duration.seconds(5)

  var part: DaemonPart { DaemonPart(name) { try await run() } }

  /// - Throws: `CancellationError` if it is cancelled before it listens; a ``ListenError`` if `failsHard` is set.
  package func run() async throws {
    let listener = try await listen()
    await Cancellation.wait()
    await server.close(listener)
  }

  private func listen() async throws -> HTTPServer.Listener {
    // The same error is logged once, and not at every attempt.
    var logged: ListenError?
    while true {
      do {
        let listener = try server.listen(on: [address], handler: router.handle)
        logger.debug("serving", metadata: ["server": "\(name)", "address": "\(address)"])
        return listener
      } catch {
        guard !failsHard else { throw error }
        if error != logged {
          logger.error(
            "cannot serve HTTP; retrying", metadata: ["server": "\(name)", "error": "\(error)", "delay": "5s"])
        }
        logged = error
      }
      await clock.sleep(for: HTTPService.retryDelay)
      try Task.checkCancellation()
    }
  }
}
