import Dispatch

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
    do throws(SystemError) {
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
private final class JobQueue: Sendable {
  private struct State: Sendable {
    var jobs: [(UnownedJob, JobThread.Owner)] = []
    /// The jobs that the thread has taken, in reverse order.
    var taken: [(UnownedJob, JobThread.Owner)] = []
    var isFinished = false

    /// nil if there is no job at the moment.
    mutating func next() -> (UnownedJob, JobThread.Owner)? {
      if taken.isEmpty {
        taken = jobs.reversed()
        jobs.removeAll(keepingCapacity: true)
      }
      return taken.popLast()
    }
  }

  private let state = BlockingWatched(State())

  func add(_ job: UnownedJob, for owner: JobThread.Owner) { state.withLock { $0.jobs.append((job, owner)) } }

  func finish() { state.withLock { $0.isFinished = true } }

  /// Blocks until there is a job. nil after `finish`, when no job is left.
  func next() -> (UnownedJob, JobThread.Owner)? {
    state.wait { state -> (UnownedJob, JobThread.Owner)?? in
      if let next = state.next() { return .some(next) }
      return state.isFinished ? .some(nil) : nil
    }
  }
}
