import Glibc

/// Runs blocking work on a thread made for it, so that it holds up no other task.
enum OwnThread {
  /// Runs `body` on a new thread and returns what it returns. Throws the `errno` if there can be no thread.
  static func run<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async throws(StartFailure) -> Result {
    let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Outcome<Result>, Never>) in
      let start = Unmanaged.passRetained(Start { continuation.resume(returning: .done(body())) })
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
      defer { pthread_attr_destroy(&attributes) }
      var thread = pthread_t()
      let code = pthread_create(
        &thread, &attributes,
        { argument in
          Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
          return nil
        }, start.toOpaque())
      if code != 0 {
        start.release()
        continuation.resume(returning: .notStarted(code))
      }
    }
    switch outcome {
    case .done(let result): return result
    case .notStarted(let code): throw StartFailure(code: code)
    }
  }

  struct StartFailure: Error { let code: Int32 }

  private enum Outcome<Result: Sendable>: Sendable {
    case done(Result)
    case notStarted(Int32)
  }

  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
