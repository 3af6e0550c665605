import ServiceLifecycle

/// ServiceLifecycle's `Service`, by a name that is not Kubernetes' as well.
typealias DaemonService = Service

/// A part of the daemon that runs until it is cancelled, which shutdown does.
struct TaskService: Service {
  let name: String
  private let body: @Sendable () async throws -> Void

  init(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
    self.name = name
    self.body = body
  }

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown(body)
    } catch is CancellationError {
      return
    }
    // A part that has nothing more to do is no reason to end the others.
    try? await gracefulShutdown()
  }
}
