import Glibc
import Synchronization

/// How a process ended, and what it took.
package struct ProcessEnd: Hashable, Sendable {
  package enum Status: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
  }

  package let status: Status
  /// From its start to its end.
  package let time: Duration
  /// Largest resident memory, in bytes.
  package let peakMemory: Int

  /// As a shell tells it: the exit status, or 128 and the signal.
  package var code: Int32 {
    switch status {
    case .exited(let code): code
    case .signalled(let signal): 128 + signal
    }
  }
}

/// A process that was started here. Exactly one thread waits for its end; any may send it signals.
package final class ChildProcess: Sendable {
  package let pid: pid_t
  private let ownsGroup: Bool
  private let start = ContinuousClock.now
  /// Under this lock it is reaped, as only then its pid can be given to another process.
  private let isReaped = Mutex(false)

  init(_ pid: pid_t, ownsGroup: Bool) {
    self.pid = pid
    self.ownsGroup = ownsGroup
  }

  /// Nobody waited for it: it must neither go on alone nor stay as a zombie.
  deinit {
    guard !isReaped.withLock({ $0 }) else { return }
    kill()
    _ = wait()
  }

  /// Sends a signal, unless it has been waited for.
  package func send(_ signal: Int32) { isReaped.withLock { if !$0 { Glibc.kill(pid, signal) } } }

  /// Ends it at once, with all that it started if it has a group of its own.
  package func kill() { isReaped.withLock { if !$0 { Glibc.kill(ownsGroup ? -pid : pid, SIGKILL) } } }

  /// Blocks until it has ended. To be called once.
  package func wait() -> ProcessEnd {
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    let time = ContinuousClock.now - start
    var status: Int32 = 0
    var usage = rusage()
    isReaped.withLock { isReaped in
      precondition(!isReaped, "a process was waited for twice")
      while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
      isReaped = true
    }
    let signal = status & 0x7f
    return ProcessEnd(
      status: signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal), time: time,
      peakMemory: usage.ru_maxrss * 1024)
  }
}
