import Glibc
import System

/// Calls `body`, on a thread of its own, at each of these signals. For once in a program's life.
public func onInterruption(
  by signals: [Int32] = [SIGINT, SIGTERM, SIGHUP], _ body: @escaping @Sendable (Int32) -> Void
) throws(LabError) {
  do throws(SystemError) {
    try SignalWatch.start(signals, body)
  } catch {
    throw LabError(error)
  }
}
