import CLinux
import Glibc
import Logging
import System
import Time

/// The loop of the server's thread: waits for sockets and commands, and drives the connections. Only that thread uses
/// it.
struct ServerLoop {
  /// Identifies a connection. `number` differs for a later connection with the same descriptor.
  struct ConnectionID: Hashable, Sendable {
    let file: CInt
    let number: Int
  }

  private struct Listening {
    let files: [CInt]
    let handler: HTTPServer.Handler
    var connections = 0
  }

  private struct Connected {
    let id: ConnectionID
    let listener: HTTPServer.Listener
    var state: HTTPConnection
    /// The task of the handler that makes the response.
    var task: Task<Void, Never>?
    /// The client has closed its sending side, so `poll` need not report that again.
    var hasHungUp = false
  }

  private let mailbox: ServerMailbox
  private let limits: HTTPLimits
  private let logger: Logger?
  private let clock: @Sendable () -> Moment
  private var listeners: [HTTPServer.Listener: Listening] = [:]
  private var connections: [CInt: Connected] = [:]
  private var lastNumber = 0
  /// Set when the process has no descriptors left: accept no clients before this time. Otherwise `poll` would report
  /// the same waiting client without a pause.
  private var acceptsAgain: Moment?
  /// Whether the last client could not be accepted for that reason.
  private var isExhausted = false
  private var isStopped = false

  init(
    mailbox: ServerMailbox, limits: HTTPLimits, logger: Logger?, clock: @escaping @Sendable () -> Moment
  ) {
    self.mailbox = mailbox
    self.limits = limits
    self.logger = logger
    self.clock = clock
  }

  /// Runs until the command `.stop`.
  mutating func run() {
    while !isStopped {
      var waiting = descriptors()
      poll(&waiting, nfds_t(waiting.count), patience())
      let ready = waiting.filter { $0.revents != 0 }
      // Serve open connections first, because the ones that close make room for new ones.
      for event in ready { move(event.fd, event.revents) }
      for listener in Array(listeners.keys) {
        for file in listeners[listener]!.files where ready.contains(where: { $0.fd == file }) {
          accept(file, for: listener)
        }
      }
      for command in mailbox.take() { perform(command) }
      let now = clock()
      for (file, connection) in connections where connection.state.isOverdue(at: now) { drop(file) }
    }
    for listener in Array(listeners.keys) { close(listener) }
  }

  private func descriptors() -> [pollfd] {
    var result = [pollfd(fd: mailbox.wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
    if let acceptsAgain, clock() < acceptsAgain { return result + sockets() }
    for file in listeners.values.flatMap(\.files) { result.append(pollfd(fd: file, events: Int16(POLLIN), revents: 0)) }
    return result + sockets()
  }

  private func sockets() -> [pollfd] {
    connections.map { file, connection in
      let reads = connection.state.wantsInput ? Int16(POLLIN) : 0
      let writes = connection.state.output.isEmpty ? 0 : Int16(POLLOUT)
      let leaves = connection.state.isHandling && !connection.hasHungUp ? SKP_POLLRDHUP : 0
      return pollfd(fd: file, events: reads | writes | leaves, revents: 0)
    }
  }

  /// Milliseconds until the first deadline; -1 if there is none.
  private func patience() -> Int32 {
    let now = clock()
    let pause = acceptsAgain.map { now < $0 ? [$0] : [] } ?? []
    guard let first = (connections.values.compactMap(\.state.deadline) + pause).min() else { return -1 }
    return now.milliseconds(until: first)
  }

  private mutating func accept(_ file: CInt, for listener: HTTPServer.Listener) {
    while true {
      let connection: CInt
      switch ServerSocket.accept(file) {
      case .connection(let accepted):
        connection = accepted
        isExhausted = false
      case .nobody: return
      case .exhausted(let error):
        if !isExhausted { logger?.warning("the HTTP server cannot accept clients", metadata: ["error": "\(error)"]) }
        isExhausted = true
        acceptsAgain = clock().advanced(by: .milliseconds(500))
        return
      }
      guard hasRoom(listener) else {
        ServerSocket.close(connection)
        continue
      }
      lastNumber += 1
      listeners[listener]!.connections += 1
      connections[connection] = Connected(
        id: ConnectionID(file: connection, number: lastNumber), listener: listener,
        state: HTTPConnection(limits: limits, at: clock()))
    }
  }

  /// Whether there is room for another connection. If not, closes the connection whose last requests began earliest. A
  /// client that holds connections open, asks without an end or does not read its answers must not block clients that
  /// ask for the node's health.
  private mutating func hasRoom(_ listener: HTTPServer.Listener) -> Bool {
    guard let listening = listeners[listener] else { return false }
    let isFull = listening.connections >= limits.connections
    guard isFull || connections.count >= limits.allConnections else { return true }
    let candidates = connections.compactMap { file, connection -> (file: CInt, since: Moment)? in
      guard !isFull || connection.listener == listener else { return nil }
      return connection.state.busySince.map { (file, $0) }
    }
    guard let first = candidates.min(by: { $0.since < $1.since }) else { return false }
    drop(first.file)
    return true
  }

  /// Reads, writes or closes, depending on the events of the socket.
  private mutating func move(_ file: CInt, _ events: Int16) {
    guard let connection = connections[file] else { return }
    if events & Int16(POLLOUT) != 0 {
      guard let count = ServerSocket.write(file, connection.state.output) else { return drop(file) }
      perform(connections[file]!.state.sent(count, at: clock()), file)
    } else if events & Int16(POLLIN) != 0 {
      switch ServerSocket.read(file) {
      case .bytes(let bytes): perform(connections[file]!.state.received(bytes, at: clock()), file)
      case .nothingYet: break
      case .ended: drop(file)
      }
    } else if events & ~SKP_POLLRDHUP == 0 {
      // The client closed its sending side. As in Go's server, the handler's task is cancelled, but the client still
      // gets the response, because it may only have ended its input.
      connections[file]!.hasHungUp = true
      connection.task?.cancel()
    } else {
      drop(file)
    }
  }

  private mutating func perform(_ action: HTTPConnection.Action, _ file: CInt) {
    switch action {
    case .wait: break
    case .close: drop(file)
    case .handle(let request):
      guard let connection = connections[file], let handler = listeners[connection.listener]?.handler else { return }
      connections[file]!.task = Task { [mailbox] in mailbox.post(.answer(connection.id, await handler(request))) }
    }
  }

  private mutating func perform(_ command: ServerCommand) {
    switch command {
    case .open(let listener, let files, let handler): listeners[listener] = Listening(files: files, handler: handler)
    case .close(let listener, let done):
      close(listener)
      done.resume()
    case .answer(let id, let response):
      guard connections[id.file]?.id == id else { return }
      perform(connections[id.file]!.state.answer(response, at: clock()), id.file)
    case .stop: isStopped = true
    }
  }

  private mutating func close(_ listener: HTTPServer.Listener) {
    for file in listeners[listener]?.files ?? [] { ServerSocket.close(file) }
    for (file, connection) in connections where connection.listener == listener { drop(file) }
    listeners[listener] = nil
  }

  private mutating func drop(_ file: CInt) {
    guard let connection = connections.removeValue(forKey: file) else { return }
    listeners[connection.listener]?.connections -= 1
    connection.task?.cancel()
    ServerSocket.close(file)
  }
}
