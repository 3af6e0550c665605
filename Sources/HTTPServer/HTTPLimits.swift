/// Limits for clients. Everybody who can reach the node can connect to the ports.
package struct HTTPLimits: Sendable, Equatable {
  /// Maximum size of a request's first line and headers in bytes.
  var headBytes = 16_384
  /// Time from the first byte of a request, or the start of the connection, to the end of the headers.
  var headTime = Duration.seconds(10)
  /// How long a connection may stay open without a request.
  var idleTime = Duration.seconds(60)
  /// Time for the client to receive a response, or all responses to requests that it sends without a pause.
  var writeTime = Duration.seconds(30)
  /// Connections to one listener at a time. When another client connects, the server closes the connection whose last
  /// requests began earliest.
  package var connections = 128
  /// Connections to all listeners. There is a listener for each health check node port, and the proxy needs descriptors
  /// for its own work.
  var allConnections = 512

  package init() {}
}
