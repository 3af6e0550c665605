import CLinux
import Glibc

/// Threads for work that blocks: on the cooperative pool, which has one thread a core, it would hold up everything else.
public enum OwnThread {
  /// The `errno` of a thread that could not be made.
  public struct StartFailure: Error, Hashable, Sendable {
    public let code: Int32
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

  /// Runs `body` on a new thread and waits for its result.
  public static func run<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () -> Result
  ) async throws(StartFailure) -> Result {
    let outcome = await withCheckedContinuation { (waiting: CheckedContinuation<Outcome<Result>, Never>) in
      do throws(StartFailure) {
        try start(name) { waiting.resume(returning: .done(body())) }
      } catch {
        waiting.resume(returning: .notStarted(error))
      }
    }
    switch outcome {
    case .done(let result): return result
    case .notStarted(let failure): throw failure
    }
  }

  private enum Outcome<Result: Sendable>: Sendable {
    case done(Result)
    case notStarted(StartFailure)
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
