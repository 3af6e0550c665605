import Logging
import Time

/// The objects that all reflectors of a watcher share.
struct WatchEnvironment: Sendable {
  var transport: any HTTPTransport
  var output: ClusterEventChannel
  var board: WatchStatusBoard
  var logger: Logger
  var clock: any MomentClock
  /// Numbers in 0..<1.
  var random: @Sendable () -> Double
  /// The API server sends a bookmark on each watch about once a minute. A watch that has received nothing for several
  /// minutes is considered dead and is started again from its last version.
  var watchIdleTimeout = Duration.seconds(180)
}
