import System

/// Runs blocking work on a thread made for it, which may change its network namespace as it likes: a thread of the
/// cooperative pool must never keep another one.
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
