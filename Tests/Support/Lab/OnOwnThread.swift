import System

/// Runs blocking work on a new thread. The thread may enter another network namespace, which a thread of the
/// cooperative pool must never do.
func onOwnThread<Value: Sendable>(
  in namespace: NetworkNamespace? = nil, _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await OwnThread.run("lab") {
    Result {
      try namespace?.enter()
      return try work()
    }
  }.get()
}

/// Starts a detached thread.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws(LabError) {
  do {
    try OwnThread.start(name, body)
  } catch {
    throw .system(action: "start thread \(name)", code: error.code)
  }
}
