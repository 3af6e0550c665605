import Time
import Watcher

extension WallTime {
  /// Until when what the watches have told is known to be the cluster's state: the present while all of them are open,
  /// else when the one that was heard of least lately was heard of last.
  static func knownState(of watches: [WatchStatus], at now: WallTime) -> WallTime {
    // The rules do not wait for a resource that has not been listed yet.
    let listed = watches.filter { $0.isSynced && $0.state != .absent }
    if listed.allSatisfy({ $0.state == .watching }) { return now }
    return listed.map { $0.lastEventTime ?? .epoch }.reduce(now, min)
  }
}
