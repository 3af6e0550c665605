import CLinux
import Glibc
import Synchronization

/// Passes signals to a closure on a thread of its own. The closure may do what a signal handler must not do.
package enum SignalWatch {
  /// The descriptor to which the handler writes a signal's number; -1 until the pipe exists. It is set before the first
  /// handler is installed, because a signal handler must not run Swift's lazy initialization.
  nonisolated(unsafe) private static var writeEnd: Int32 = -1
  private static let action = Mutex<(@Sendable (Int32) -> Void)?>(nil)

  /// Calls `body` for each of these signals from now on, instead of their default action. Meant for one call in a
  /// program. A later call replaces the closure for all signals.
  package static func start(_ signals: [Int32], _ body: @escaping @Sendable (Int32) -> Void) throws(SystemError) {
    action.withLock { $0 = body }
    if writeEnd < 0 { try openPipe() }
    for number in signals {
      signal(number) { number in
        let code = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(SignalWatch.writeEnd, &byte, 1)
        errno = code
      }
    }
  }

  private static func openPipe() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    // The handler must not block, so the write end is non-blocking. Signals that do not fit into the pipe are lost.
    try SystemError.check(pipe2(&ends, O_CLOEXEC), "make a pipe for signals")
    let (readEnd, newWriteEnd) = (ends[0], ends[1])
    _ = fcntl(newWriteEnd, F_SETFL, O_NONBLOCK)
    do throws(SystemError) {
      try OwnThread.start("signals") {
        var number: UInt8 = 0
        while true {
          let count = read(readEnd, &number, 1)
          if count < 0 && errno == EINTR { continue }
          guard count == 1 else { return }
          let action = action.withLock { $0 }
          action?(Int32(number))
        }
      }
    } catch {
      close(readEnd)
      close(newWriteEnd)
      throw error
    }
    writeEnd = newWriteEnd
  }
}
