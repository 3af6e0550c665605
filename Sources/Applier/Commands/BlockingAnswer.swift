import Glibc

/// An answer that threads wait for. It is for threads that may block, not for tasks.
final class BlockingAnswer: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var answer: Bool?

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

  /// Gives the answer. Only the first one counts.
  func give(_ answer: Bool) {
    pthread_mutex_lock(mutex)
    if self.answer == nil { self.answer = answer }
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Blocks until there is an answer.
  func wait() -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let answer { return answer }
      pthread_cond_wait(condition, mutex)
    }
  }
}
