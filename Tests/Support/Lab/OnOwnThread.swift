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
