import Glibc

/// How much CPU time the kernel gives a thread while other threads want it too. Linux has these settings for each
/// thread. A process that the thread starts inherits them.
package enum ThreadPriority: Sendable {
  case normal
  /// Nice 10: a smaller share.
  case low
  /// Only CPU time that no other thread wants (SCHED_IDLE).
  case idle

  /// SCHED_IDLE of linux/sched.h. The macro is not visible to Swift.
  static let idlePolicy: Int32 = 5

  /// Sets the priority of the calling thread. The kernel never refuses a lower priority, but a seccomp profile can.
  /// Then the thread keeps its priority and does its work nevertheless.
  package func apply() {
    switch self {
    case .normal: break
    case .low: ThreadPriority.setNice(10)
    case .idle:
      var parameters = sched_param()
      parameters.sched_priority = 0
      if sched_setscheduler(0, ThreadPriority.idlePolicy, &parameters) != 0 { ThreadPriority.setNice(19) }
    }
  }

  private static func setNice(_ value: Int32) {
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, value)
  }
}
