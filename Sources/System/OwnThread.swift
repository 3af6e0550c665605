import CLinux
import Glibc

/// Threads for work that blocks. The cooperative pool has only one thread per core, so blocking work there would delay
/// other tasks.
package enum OwnThread {
  /// Runs `body` on a new thread called `name` (at most 15 bytes). SIGPIPE is blocked in this thread.
  package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let work = Unmanaged.passRetained(Work(name: name, body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
        pthread_setname_np(pthread_self(), work.name)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        work.body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw SystemError(action: "start a thread", code: code)
    }
  }

  /// Starts `body` on a new thread. The caller can wait for the result.
  package static func spawn<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () -> Result
  ) throws(SystemError) -> Running<Result> {
    let running = Running<Result>()
    try start(name) { running.finish(body()) }
    return running
  }

  /// Runs `body` on a new thread and waits for its result.
  package static func run<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () -> Result
  ) async throws(SystemError) -> Result {
    try await spawn(name, body).value
  }

  /// Like `run`, for short work that must be done in any case. If no thread can be created, the caller's thread does
  /// the work, with the caller's priority, because a thread cannot raise its priority again.
  package static func runAnyway<Result: Sendable>(
    _ name: String, priority: ThreadPriority = .normal, _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    do {
      return try await run(name) {
        priority.apply()
        return body()
      }
    } catch {
      return body()
    }
  }

  /// Work that runs on a thread of its own.
  package final class Running<Result: Sendable>: Sendable {
    private let result = Watched<Result?>(nil)

    /// Waits for the result. Any number of tasks may wait. Their cancellation does not end the work.
    package var value: Result {
      get async { await result.waitAnyway { $0 } }
    }

    fileprivate func finish(_ result: Result) { self.result.withLock { $0 = result } }
  }

  private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}
