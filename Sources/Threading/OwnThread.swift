import CLinux
import Glibc
import Synchronization

/// Threads for work that blocks: on the cooperative pool, which has one thread a core, it would hold up everything else.
public enum OwnThread {
  /// The `errno` of a thread that could not be made.
  public struct StartFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int32
    public var description: String { "no thread: \(String(cString: strerror(code)))" }
  }

  /// Runs `body` on a new thread called `name` (at most 15 bytes), in which SIGPIPE is blocked.
  public static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(StartFailure) {
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
      throw StartFailure(code: code)
    }
  }

  /// Starts `body` on a new thread; its result can be waited for.
  public static func spawn<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () -> Result
  ) throws(StartFailure) -> Running<Result> {
    let running = Running<Result>()
    try start(name) { running.finish(body()) }
    return running
  }

  /// Runs `body` on a new thread and waits for its result.
  public static func run<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () -> Result
  ) async throws(StartFailure) -> Result {
    try await spawn(name, body).value
  }

  /// The same for short work that has to be done in any case: where no thread is to be had, the caller's does it.
  public static func runAnyway<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    do { return try await run(name, body) } catch { return body() }
  }

  /// Work under way on a thread of its own.
  public final class Running<Result: Sendable>: Sendable {
    private enum State {
      case running(CheckedContinuation<Result, Never>?)
      case done(Result)
    }

    private let state = Mutex(State.running(nil))

    /// The result, as soon as it is there. Only one task may wait for it.
    public var value: Result {
      get async {
        await withCheckedContinuation { continuation in
          state.withLock { state in
            switch state {
            case .running: state = .running(continuation)
            case .done(let result): continuation.resume(returning: result)
            }
          }
        }
      }
    }

    fileprivate func finish(_ result: Result) {
      state.withLock { state in
        if case .running(let waiting?) = state { waiting.resume(returning: result) }
        state = .done(result)
      }
    }
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
