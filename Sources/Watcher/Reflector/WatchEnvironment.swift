import Logging

/// What all reflectors of a watcher share.
struct WatchEnvironment: Sendable {
  var transport: any HTTPTransport
  var output: ClusterEventChannel
  var board: WatchStatusBoard
  var logger: Logger
  var clock: any Clock<Duration>
  /// Seconds since 1970.
  var wallTime: @Sendable () -> Double
  /// Numbers in 0..<1.
  var random: @Sendable () -> Double
  /// The API server sends a bookmark about every minute on each watch; a watch that has heard nothing for several is
  /// taken for dead and begun again where it was.
  var watchIdleTimeout = Duration.seconds(180)
}
