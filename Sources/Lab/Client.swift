import Glibc
import ServiceModel

/// One question to an address.
public struct Request: Sendable {
  public var transport: TransportProtocol
  public var destination: SocketAddress
  /// Where it comes from, with port 0 for any; nil leaves it to the kernel.
  public var source: SocketAddress?
  /// Milliseconds to wait for each step.
  public var timeout: Int32
  /// End TCP connections with a reset, so that the source port can be used again at once.
  public var resetOnClose = false

  public init(
    _ transport: TransportProtocol, _ destination: IPAddress, port: UInt16, source: SocketAddress? = nil,
    timeout: Int32 = 5000
  ) {
    self.transport = transport
    self.destination = SocketAddress(destination, port: port)
    self.source = source
    self.timeout = timeout
  }
}

/// What a client saw.
public enum Outcome: Hashable, Sendable {
  case answered(Answer)
  /// By a reset or an ICMP port unreachable, while connecting.
  case refused
  /// By an ICMP message of another kind: no route, prohibited, or no such protocol.
  case unreachable
  case reset
  /// Nothing came.
  case silent
  case garbled(String)
  case failed(Int32)

  init(_ code: Int32) {
    switch code {
    case ECONNREFUSED: self = .refused
    // The last two: nobody there speaks the protocol (IPv4, IPv6).
    case ENETUNREACH, EHOSTUNREACH, EACCES, EPERM, ENOPROTOOPT, EPROTO: self = .unreachable
    case ECONNRESET, EPIPE: self = .reset
    case ETIMEDOUT: self = .silent
    default: self = .failed(code)
    }
  }

  public var answer: Answer? {
    if case .answered(let answer) = self { return answer }
    return nil
  }

  /// The name of the endpoint that answered.
  public var endpoint: String? { answer?.endpoint }
  /// The client's address as the endpoint saw it.
  public var source: IPAddress? { answer?.client.address }
}

extension LabHost {
  /// Asks from this host, each time over a new connection, one after the other.
  public func ask(_ request: Request, times: Int = 1) async throws -> [Outcome] {
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
  public func ask(
    _ transport: TransportProtocol, _ destination: IPAddress, port: UInt16, timeout: Int32 = 5000
  ) async throws -> Outcome {
    try await ask(Request(transport, destination, port: port, timeout: timeout))[0]
  }
}

/// How often each endpoint answered.
public func counts(_ outcomes: [Outcome]) -> [String: Int] {
  outcomes.compactMap(\.endpoint).reduce(into: [:]) { $0[$1, default: 0] += 1 }
}
