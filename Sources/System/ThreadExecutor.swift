/// Runs an actor on a thread of its own, so that its long work does not delay tasks on the cooperative pool.
///
/// The thread lives as long as the executor.
package final class ThreadExecutor: SerialExecutor {
  private let thread: JobThread

  /// - Parameter name: the name of the thread, at most 15 bytes.
  package init(_ name: String) { thread = JobThread(name) }

  package func enqueue(_ job: consuming ExecutorJob) {
    thread.add(UnownedJob(job), for: .actor(asUnownedSerialExecutor()))
  }
}

/// Runs tasks on a thread of their own. This is for work that does not belong to an actor. The code of actors that the
/// tasks call runs where those actors run.
///
/// The thread lives as long as the executor.
package final class ThreadTaskExecutor: TaskExecutor {
  private let thread: JobThread

  /// - Parameter name: the name of the thread, at most 15 bytes.
  package init(_ name: String) { thread = JobThread(name) }

  package func enqueue(_ job: consuming ExecutorJob) {
    thread.add(UnownedJob(job), for: .tasks(asUnownedTaskExecutor()))
  }
}
