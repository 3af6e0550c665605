import Glibc
import ServiceModel

@testable import Lab

/// One UDP client that keeps its source port, and two endpoints.
final class Exchange: Sendable {
  enum Outcome: Hashable, Sendable {
    /// The endpoint with this index received it.
    case received(Int)
    case refused
    case nothing
  }

  private let client: Socket
  private let endpoints: [Socket]

  /// Makes the sockets on the calling thread, in its namespace.
  init(client: SocketAddress, to service: SocketAddress, endpoints: [SocketAddress]) throws {
    self.endpoints = try endpoints.map {
      let socket = try Socket(.udp, $0.address.family)
      try socket.bind($0)
      return socket
    }
    self.client = try Socket(.udp, client.address.family)
    try self.client.bind(client)
    _ = self.client.connect(service)
  }

  deinit {
    client.close()
    for endpoint in endpoints { endpoint.close() }
  }

  /// Sends a datagram and waits for nothing.
  func sendOnly() -> Int { client.send([1, 2, 3]) }

  /// Sends a datagram. Waits until an endpoint receives it or the client gets an ICMP error.
  func send() -> Outcome {
    _ = client.pendingError
    guard client.send([1, 2, 3]) == 3 else { return .refused }
    var waiting = ([client] + endpoints).map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    guard poll(&waiting, nfds_t(waiting.count), 10_000) > 0 else { return .nothing }
    if waiting[0].revents != 0 { return client.pendingError == ECONNREFUSED ? .refused : .nothing }
    for (index, endpoint) in endpoints.enumerated() where waiting[index + 1].revents != 0 {
      _ = endpoint.receiveDatagram()
      return .received(index)
    }
    return .nothing
  }
}
