import Glibc
import ServiceModel
import System

/// A connection that stays open, or a UDP socket that keeps its source port. Its calls block: use a thread of its own.
final class Connection {
  private enum Channel {
    case socket(Socket)
    /// Used if the kernel has no SCTP sockets.
    case association(SCTPAssociation)
  }

  private let channel: Channel
  private let timeout: Int32
  /// After this many milliseconds without an answer, the question is sent again. TCP does this by itself.
  private let resendTime: Int32
  /// Whether a question was sent again, so that a second answer may come.
  private var hasResent = false

  /// Connects. On failure the error contains the outcome.
  static func open(_ request: Request) throws(SystemError) -> Result<Connection, Failure> {
    if request.transport == .sctp, !SCTPSocket.isInKernel {
      return try SCTPAssociation.open(request).map { Connection(.association($0), request) }
    }
    return try connect(request)
  }

  private static func connect(_ request: Request) throws(SystemError) -> Result<Connection, Failure> {
    let socket = try Socket(request.transport, request.destination.address.family)
    do {
      if let source = request.source { try socket.bind(source) }
    } catch {
      socket.close()
      throw error
    }
    if request.resetOnClose && request.transport == .tcp { socket.resetOnClose() }
    let isTCP6 = request.transport == .tcp && request.destination.address.family == .ipv6
    if isTCP6 { socket.hearRefusals(true) }
    let connection = Connection(.socket(socket), request)
    var code = socket.connect(request.destination)
    if code == EINPROGRESS {
      guard connection.wait(POLLOUT, socket, request.timeout) else { return .failure(.outcome(.silent)) }
      code = socket.pendingError
    }
    if isTCP6 { socket.hearRefusals(false) }
    return code == 0 ? .success(connection) : .failure(.outcome(Outcome(code)))
  }

  /// An outcome without an answer.
  enum Failure: Error { case outcome(Outcome) }

  private init(_ channel: Channel, _ request: Request) {
    self.channel = channel
    timeout = request.timeout
    resendTime = request.transport == .udp ? 1000 : timeout
  }

  deinit { if case .socket(let socket) = channel { socket.close() } }

  /// Asks once over the open connection.
  func ask() -> Outcome {
    switch channel {
    case .socket(let socket): ask(socket)
    case .association(let association): association.ask()
    }
  }

  private func ask(_ socket: Socket) -> Outcome {
    if hasResent { while wait(POLLIN, socket, 0), socket.receive() != nil {} }
    guard socket.send([0x3f, 0x0a]) == 2 else { return Outcome(errno) }
    var received: [UInt8] = []
    var left = timeout
    while received.last != 0x0a {
      let pause = min(left, resendTime)
      guard wait(POLLIN, socket, pause) else {
        left -= pause
        guard left > 0 else { return .silent }
        guard socket.send([0x3f, 0x0a]) == 2 else { return Outcome(errno) }
        hasResent = true
        continue
      }
      guard let bytes = socket.receive() else { return Outcome(errno) }
      if bytes.isEmpty { return .reset }
      received += bytes
    }
    return Answer(received).map(Outcome.answered) ?? .garbled(String(decoding: received, as: UTF8.self))
  }

  private func wait(_ events: Int32, _ socket: Socket, _ milliseconds: Int32) -> Bool {
    var polled = pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
    while true {
      let result = poll(&polled, 1, milliseconds)
      if result < 0 && errno == EINTR { continue }
      return result > 0
    }
  }
}
