import Glibc
import ServiceModel

/// One question to an address.
package struct Request: Sendable {
  package var transport: TransportProtocol
  package var destination: SocketAddress
  /// The source address. Port 0: any port. nil: the kernel selects the address and the port.
  package var source: SocketAddress?
  /// Milliseconds to wait for each step.
  package var timeout: Int32
  /// End TCP connections with a reset, so that the source port can be used again at once.
  package var resetOnClose = false

  package init(
    _ transport: TransportProtocol, _ destination: IPAddress, port: UInt16, source: SocketAddress? = nil,
    timeout: Int32 = 5000
  ) {
    self.transport = transport
    self.destination = SocketAddress(destination, port: port)
    self.source = source
    self.timeout = timeout
  }
}

/// The result of a client's question.
package enum Outcome: Hashable, Sendable {
  case answered(Answer)
  /// A reset or an ICMP port unreachable came while connecting.
  case refused
  /// An ICMP message of another kind came: no route, prohibited, or no such protocol.
  case unreachable
  case reset
  /// Nothing came before the timeout.
  case silent
  case garbled(String)
  case failed(Int32)

  init(_ code: Int32) {
    switch code {
    case ECONNREFUSED: self = .refused
    // ENOPROTOOPT (IPv4) and EPROTO (IPv6): the destination does not support the protocol.
    case ENETUNREACH, EHOSTUNREACH, EACCES, EPERM, ENOPROTOOPT, EPROTO: self = .unreachable
    case ECONNRESET, EPIPE: self = .reset
    case ETIMEDOUT: self = .silent
    default: self = .failed(code)
    }
  }

  package var answer: Answer? {
    if case .answered(let answer) = self { return answer }
    return nil
  }

  /// The name of the endpoint that answered.
  package var endpoint: String? { answer?.endpoint }
  /// The client's address as the endpoint saw it.
  package var source: IPAddress? { answer?.client.address }
}

extension LabHost {
  /// Asks from this host several times, one after the other, each time over a new connection.
  package func ask(_ request: Request, times: Int = 1) async throws -> [Outcome] {
    try await namespace.run {
      try (0..<times).map { _ in
        switch try Connection.open(request) {
        case .success(let connection): connection.ask()
        case .failure(.outcome(let outcome)): outcome
        }
      }
    }
  }

  /// Asks once.
  package func ask(
    _ transport: TransportProtocol, _ destination: IPAddress, port: UInt16, timeout: Int32 = 5000
  ) async throws -> Outcome {
    try await ask(Request(transport, destination, port: port, timeout: timeout))[0]
  }
}

/// The number of answers of each endpoint.
package func counts(_ outcomes: [Outcome]) -> [String: Int] {
  outcomes.compactMap(\.endpoint).reduce(into: [:]) { $0[$1, default: 0] += 1 }
}
