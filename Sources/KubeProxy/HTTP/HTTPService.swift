import Logging
import System

/// One of the daemon's two servers (health, metrics) as a part of it: listens until its task is cancelled.
///
/// An address that cannot be had is tried again every five seconds, or ends the daemon where `--bind-address-hard-fail`
/// asks for that, as with kube-proxy.
public struct HTTPService: Sendable {
  /// What log lines call it, as `healthz`.
  let name: String
  let server: HTTPServer
  let address: ListenAddress
  let failsHard: Bool
  let router: HTTPRouter
  let clock: any Clock<Duration>
  let logger: Logger

  public init(
    name: String, server: HTTPServer, address: ListenAddress, failsHard: Bool, router: HTTPRouter,
    clock: any Clock<Duration> = ContinuousClock(), logger: Logger
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

  /// - Throws: `CancellationError` if it is cancelled before the address is free.
  public func run() async throws {
    let listener = try await listen()
    await Cancellation.wait()
    await server.close(listener)
  }

  private func listen() async throws -> HTTPServer.Listener {
    while true {
      do {
        let listener = try server.listen(on: [address], handler: router.handle)
        logger.debug("serving", metadata: ["server": "\(name)", "address": "\(address)"])
        return listener
      } catch {
        guard !failsHard else { throw error }
        logger.error(
          "cannot serve; it is tried again", metadata: ["server": "\(name)", "error": "\(error)", "delay": "5s"])
      }
      try await clock.sleep(for: HTTPService.retryDelay)
    }
  }
}
