import Synchronization

/// The pids of the restore processes that this program started, the last few of them.
///
/// A commit is announced while its process still lives or shortly after, so that old pids may be forgotten.
public final class OwnProcesses: Sendable {
  private let pids = Mutex<[Int32]>([])
  private static let kept = 64

  public init() {}

  func note(_ pid: Int32) {
    pids.withLock { pids in
      if pids.count >= OwnProcesses.kept { pids.removeFirst() }
      pids.append(pid)
    }
  }

  public func contains(_ pid: Int32) -> Bool { pids.withLock { $0.contains(pid) } }
}
