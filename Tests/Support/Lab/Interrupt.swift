import Glibc
import System

/// Calls `body` on a thread of its own for each of these signals. Meant for one call in a program.
package func onInterruption(
  by signals: [Int32] = [SIGINT, SIGTERM, SIGHUP], _ body: @escaping @Sendable (Int32) -> Void
) throws(SystemError) {
  try SignalWatch.start(signals, body)
}
