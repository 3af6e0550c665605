import Dispatch
import Glibc

/// Runs an actor on a thread of its own, so that its long work holds up nobody who waits for the cooperative pool.
///
/// The thread lives as long as the executor.
package final class ThreadExecutor: SerialExecutor {
  private let queue = JobQueue()

  /// - Parameter name: the thread's, at most 15 bytes.
  package init(_ name: String) {
    let queue = queue
    let work = { @Sendable in
      while let (job, executor) = queue.next() { job.runSynchronously(on: executor) }
    }
    do throws(OwnThread.StartFailure) {
      try OwnThread.start(name, work)
    } catch {
      // Dispatch gives one of its own as soon as the system has threads again.
      DispatchQueue(label: name).async(execute: work)
    }
  }

  deinit { queue.finish() }

  package func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job), for: asUnownedSerialExecutor()) }
}

/// Hands jobs to a thread that waits for them.
private final class JobQueue: @unchecked Sendable {
  // @unchecked: everything is guarded by the mutex.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
  /// The jobs that the thread has taken, in reverse order.
  private var taken: [(UnownedJob, UnownedSerialExecutor)] = []
  private var isFinished = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func add(_ job: UnownedJob, for executor: UnownedSerialExecutor) {
    pthread_mutex_lock(mutex)
    jobs.append((job, executor))
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  func finish() {
    pthread_mutex_lock(mutex)
    isFinished = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Blocks until there is a job. nil when there will be none any more.
  func next() -> (UnownedJob, UnownedSerialExecutor)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let next = taken.popLast() { return next }
      if !jobs.isEmpty {
        taken = jobs.reversed()
        jobs.removeAll(keepingCapacity: true)
      } else if isFinished {
        return nil
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
  }
}
