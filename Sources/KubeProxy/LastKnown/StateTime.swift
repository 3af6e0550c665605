import Time
import Watcher

extension WallTime {
  /// Up to which time the objects that the watches have sent are known to be the cluster's state. While all watches are
  /// open, this is the present. Otherwise it is the time of the last event of the watch that has been silent for the
  /// longest time.
  static func knownState(of watches: [WatchStatus], at now: WallTime) -> WallTime {
    // The rules do not wait for a resource that has not been listed yet.
    let listed = watches.filter { $0.isSynced && $0.state != .absent }
    if listed.allSatisfy({ $0.state == .watching }) { return now }
    return listed.map { $0.lastEventTime ?? .epoch }.reduce(now, min)
  }
}
