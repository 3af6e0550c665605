import Glibc

/// Runs blocking work on a thread made for it, which may change its network namespace as it likes.
///
/// The cooperative pool has one thread a core, and a thread of it must never keep another namespace.
func onOwnThread<Value: Sendable>(
  in namespace: NetworkNamespace? = nil, _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    startThread {
      continuation.resume(
        with: Result {
          try namespace?.enter()
          return try work()
        })
    }
  }
}

/// Starts a detached thread.
func startThread(_ body: @escaping @Sendable () -> Void) {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  defer { pthread_attr_destroy(&attributes) }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(ThreadBody(run: body))
  let result = pthread_create(
    &thread, &attributes,
    { argument in
      Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().run()
      return nil
    }, box.toOpaque())
  precondition(result == 0, "pthread_create: \(String(cString: strerror(result)))")
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(run: @escaping @Sendable () -> Void) { self.run = run }
}
