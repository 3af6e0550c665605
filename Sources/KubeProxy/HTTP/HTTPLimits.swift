/// What one client may cost. The ports are open to everybody who reaches the node.
public struct HTTPLimits: Sendable, Equatable {
  /// Bytes of a request's first line and headers.
  public var headBytes = 16_384
  /// From the first byte of a request, or the connection's start, to the end of its headers.
  public var headTime = Duration.seconds(10)
  /// Without a request on an open connection.
  public var idleTime = Duration.seconds(60)
  /// For the client to take an answer.
  public var writeTime = Duration.seconds(30)
  /// Connections to one listener at a time. For one more, that which has been silent for longest is closed.
  public var connections = 128
  /// Connections to all listeners, of which there are as many as health-check node ports: descriptors have to be left for
  /// the proxy's own work.
  public var allConnections = 512

  public init() {}
}
