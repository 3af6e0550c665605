import CLab
import Glibc

/// The end of the pipe that the signal handler writes to.
private let wakeUp: Int32 = {
  var ends: [Int32] = [0, 0]
  guard pipe2(&ends, O_CLOEXEC) == 0 else { return -1 }
  let readEnd = ends[0]
  let started: Void? = try? startThread("lab interrupt") {
    var number: UInt8 = 0
    guard read(readEnd, &number, 1) == 1 else { return }
    onInterrupt.value?(Int32(number))
  }
  return started == nil ? -1 : ends[1]
}()

private let onInterrupt = Handler()

private final class Handler: @unchecked Sendable {
  // Set before the first signal can come.
  var value: (@Sendable (Int32) -> Void)?
}

/// Calls `body` on a thread of its own at the first of these signals. For once in a program's life.
public func onInterruption(
  by signals: [Int32] = [SIGINT, SIGTERM, SIGHUP], _ body: @escaping @Sendable (Int32) -> Void
) {
  onInterrupt.value = body
  precondition(wakeUp >= 0, "no pipe or thread for signals")
  for number in signals {
    signal(number) { number in
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(wakeUp, &byte, 1)
    }
  }
}
