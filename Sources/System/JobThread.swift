import Dispatch
import Glibc

/// A thread that runs jobs of Swift's concurrency, one after the other. It ends when this object is released.
final class JobThread: Sendable {
  /// The executor that a job was added to.
  enum Owner {
    case actor(UnownedSerialExecutor)
    case tasks(UnownedTaskExecutor)
  }

  private let queue = JobQueue()

  /// - Parameter name: the name of the thread, at most 15 bytes.
  init(_ name: String) {
    let queue = queue
    let work = { @Sendable in
      while let (job, owner) = queue.next() {
        switch owner {
        case .actor(let executor): job.runSynchronously(on: executor)
        case .tasks(let executor): job.runSynchronously(on: executor)
        }
      }
    }
    do throws(OwnThread.StartFailure) {
      try OwnThread.start(name, work)
    } catch {
      // Dispatch runs the work on one of its threads as soon as the system can create threads again.
      DispatchQueue(label: name).async(execute: work)
    }
  }

  deinit { queue.finish() }

  func add(_ job: UnownedJob, for owner: Owner) { queue.add(job, for: owner) }
}

/// A queue of jobs for one thread that waits for them.
private final class JobQueue: @unchecked Sendable {
  // @unchecked: the mutex guards everything.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var jobs: [(UnownedJob, JobThread.Owner)] = []
  /// The jobs that the thread has taken, in reverse order.
  private var taken: [(UnownedJob, JobThread.Owner)] = []
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

  func add(_ job: UnownedJob, for owner: JobThread.Owner) {
    pthread_mutex_lock(mutex)
    jobs.append((job, owner))
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  func finish() {
    pthread_mutex_lock(mutex)
    isFinished = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Blocks until there is a job. nil after `finish`, when no job is left.
  func next() -> (UnownedJob, JobThread.Owner)? {
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
