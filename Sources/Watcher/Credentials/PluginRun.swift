import Synchronization

/// One run of a credential plugin, and the tasks that wait for its result. When all of them are cancelled, for example
/// at the end of the proxy, the run is cancelled too.
final class PluginRun: Sendable {
  typealias Outcome = Result<ExecCredential, CredentialError>

  private let task: Task<Outcome, Never>
  /// The tasks that wait and are not cancelled. The task that starts the run is one of them.
  private let waiting = Mutex(1)

  init(_ body: @escaping @Sendable () async -> Outcome) { task = Task(operation: body) }

  /// Adds a task that will wait. Returns false if the run is cancelled.
  func join() -> Bool {
    waiting.withLock { waiting in
      guard waiting > 0 else { return false }
      waiting += 1
      return true
    }
  }

  /// Waits for the end of the run. Each task that started or joined the run calls this once.
  func result() async -> Outcome {
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      let isLast = waiting.withLock { waiting in
        waiting -= 1
        return waiting == 0
      }
      if isLast { task.cancel() }
    }
  }
}
