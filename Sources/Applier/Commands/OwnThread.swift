import CLinux
import Glibc

/// Threads for work that blocks, which must not sit on the cooperative pool.
enum OwnThread {
  /// Runs `body` on a new thread, called `name` (at most 15 bytes), in which SIGPIPE is blocked.
  ///
  /// A thread costs tens of microseconds; what runs here waits for processes or devices.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(name: name, body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let error = pthread_create(
      &thread, &attributes,
      { argument in
        let work = Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue()
        pthread_setname_np(pthread_self(), work.name)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        work.body()
        return nil
      }, box.toOpaque())
    precondition(error == 0, "no thread: \(String(cString: strerror(error)))")
  }

  /// Runs `body` on a new thread and waits for its result without blocking one of the pool.
  static func run<Result: Sendable>(_ name: String, _ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      start(name) { continuation.resume(returning: body()) }
    }
  }
}

private final class ThreadBody: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}
