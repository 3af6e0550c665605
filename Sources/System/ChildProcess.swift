import Glibc
import Synchronization

/// How a process ended, and the time and memory that it used.
package struct ProcessEnd: Hashable, Sendable {
  package enum Status: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    /// The process has ended, but the kernel did not say how. The value is the `errno` of wait4(2).
    case unknown(Int32)
  }

  package let status: Status
  /// The time from start to end.
  package let time: Duration
  /// Largest resident memory, in bytes.
  package let peakMemory: Int

  /// The same code as in a shell: the exit status, or 128 plus the signal number, or 127 if the kernel did not say how
  /// the process ended.
  package var code: Int32 {
    switch status {
    case .exited(let code): code
    case .signalled(let signal): 128 + signal
    case .unknown: 127
    }
  }
}

/// A process that this process started. Exactly one thread waits for its end. Any thread may send it signals.
package final class ChildProcess: Sendable {
  package let pid: pid_t
  private let ownsGroup: Bool
  private let start: ContinuousClock.Instant
  /// Held while the process is reaped, because after that the kernel may give its pid to another process.
  private let isReaped = Mutex(false)

  init(_ pid: pid_t, since start: ContinuousClock.Instant, ownsGroup: Bool) {
    self.pid = pid
    self.start = start
    self.ownsGroup = ownsGroup
  }

  /// If nobody has waited for the process, kills and reaps it. Otherwise it would continue to run, or stay as a zombie.
  deinit {
    guard !isReaped.withLock({ $0 }) else { return }
    kill()
    _ = wait()
  }

  /// Sends a signal unless the process has been reaped.
  package func send(_ signal: Int32) { isReaped.withLock { if !$0 { Glibc.kill(pid, signal) } } }

  /// Kills the process. If it has its own process group, also kills the processes that it started.
  package func kill() { isReaped.withLock { if !$0 { Glibc.kill(ownsGroup ? -pid : pid, SIGKILL) } } }

  /// Blocks until the process has ended. Call this once.
  package func wait() -> ProcessEnd {
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    let time = ContinuousClock.now - start
    var usage = rusage()
    let status = isReaped.withLock { isReaped in
      precondition(!isReaped, "a process was waited for twice")
      isReaped = true
      return reap(&usage)
    }
    return ProcessEnd(status: status, time: time, peakMemory: usage.ru_maxrss * 1024)
  }

  private func reap(_ usage: inout rusage) -> ProcessEnd.Status {
    var status: Int32 = 0
    while wait4(pid, &status, 0, &usage) < 0 {
      if errno != EINTR { return .unknown(errno) }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
  }

  /// Makes the kernel keep the ends of this process's children until someone waits for them. A parent may have started
  /// this process with SIGCHLD ignored. Then the kernel drops the ends, and nobody learns how a child ended.
  package static func keepEnds() { signal(SIGCHLD, SIG_DFL) }
}
