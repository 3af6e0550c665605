import CLinux
import Glibc
import System

extension NetlinkSocket {
  /// Sends a request and returns the messages of the answer, without the acknowledgement. Messages that answer another
  /// request are ignored.
  /// - Parameter limit: how long the kernel may take to acknowledge the request. It normally does so at once.
  package func ask(_ request: NetlinkRequest, limit: Duration = .seconds(2)) throws(SystemError) -> [NetlinkMessage] {
    let deadline = ContinuousClock.now + limit
    try send(request)
    var answer: [NetlinkMessage] = []
    while true {
      for message in try receive(before: deadline) where message.sequence == request.sequence {
        if let code = message.errorCode {
          if code != 0 { throw SystemError(action: "answer a netlink request", code: code) }
          return answer
        }
        answer.append(message)
      }
    }
  }

  /// Sends a dump request and returns all messages of the answer.
  ///
  /// If the tables change while the kernel lists them, the list is not reliable. It is requested up to ten times.
  /// - Parameter action: for errors, like `list nf_tables`.
  package func list(_ request: NetlinkRequest, _ action: String) throws(SystemError) -> [NetlinkMessage] {
    for _ in 0..<10 {
      var dump = try NetlinkDump(request, on: self, limit: .seconds(5), action)
      var answer: [NetlinkMessage] = []
      while let messages = try dump.next() { answer += messages }
      if !dump.isInterrupted { return answer }
    }
    throw SystemError(action: action, code: EINTR)
  }
}

/// The answer to a dump request, one datagram after the other.
package struct NetlinkDump: Sendable {
  private let socket: NetlinkSocket
  private let sequence: UInt32
  private let limit: Duration
  private let action: String
  private var isDone = false
  /// Whether the kernel's tables changed during the dump. Then the answer may lack entries, or have an entry twice.
  package private(set) var isInterrupted = false

  /// Sends the request.
  /// - Parameters:
  ///   - limit: how long the kernel may take for each datagram.
  ///   - action: for errors, like `list nf_tables`.
  package init(
    _ request: NetlinkRequest, on socket: NetlinkSocket, limit: Duration, _ action: String
  ) throws(SystemError) {
    self.socket = socket
    self.limit = limit
    self.action = action
    sequence = request.sequence
    try socket.send(request)
  }

  /// The messages of the next datagram, without answers to other requests; nil after the last one.
  package mutating func next() throws(SystemError) -> [NetlinkMessage]? {
    if isDone { return nil }
    var answer: [NetlinkMessage] = []
    for message in try socket.receive(before: ContinuousClock.now + limit) where message.sequence == sequence {
      if let code = message.errorCode { throw SystemError(action: action, code: code) }
      if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
      if let code = message.dumpError { throw SystemError(action: action, code: code) }
      if message.kind == UInt16(NLMSG_DONE) {
        isDone = true
        break
      }
      answer.append(message)
    }
    return answer
  }
}
