import CLab
import Glibc
import ServiceModel
import Synchronization
import System

/// Answers for the pods. Each answer names the endpoint and the client's address as the endpoint saw it.
///
/// One thread serves all pods, because a socket stays in the namespace in which it was made. Over TCP and SCTP it
/// answers every line with a line, and an HTTP request with an HTTP response. Over UDP it answers every datagram with a
/// datagram.
package final class Responder: Sendable {
  private struct Listener {
    let endpoint: String
    let transport: TransportProtocol
    /// Set if the kernel has no SCTP sockets: answers the packets one by one.
    var association: SCTPEndpoint?
  }

  private enum Order {
    case add(Socket, Listener)
    case remove(String, done: @Sendable () -> Void)
    case end
  }

  /// nil after the thread has ended.
  private let orders = Mutex<[Order]?>([])
  private let wakeRead: Int32
  private let wakeWrite: Int32
  private let readable: ReadableSockets

  init() throws(SystemError) {
    readable = try ReadableSockets()
    var ends: [Int32] = [0, 0]
    try SystemError.check(pipe2(&ends, O_CLOEXEC | O_NONBLOCK), "make a pipe")
    (wakeRead, wakeWrite) = (ends[0], ends[1])
    readable.add(wakeRead)
    try OwnThread.start("lab responder") { self.loop() }
  }

  deinit { for end in [wakeRead, wakeWrite] { Glibc.close(end) } }

  /// Listens on a port of a host's addresses. Connections are accepted when this returns.
  package func serve(
    _ host: some LabHost, _ transport: TransportProtocol, port: UInt16, as endpoint: String? = nil
  ) async throws {
    let endpoint = endpoint ?? host.name
    if transport == .sctp, !SCTPSocket.isInKernel { return try await serveSCTP(host, port: port, as: endpoint) }
    let sockets = try await host.namespace.run {
      try IPFamily.allCases.map { family in
        let socket = try Socket(transport, family)
        try socket.bind(SocketAddress(host.addresses[family], port: port))
        if transport != .udp { try socket.listen() }
        return socket
      }
    }
    for socket in sockets { order(.add(socket, Listener(endpoint: endpoint, transport: transport))) }
  }

  private func serveSCTP(_ host: some LabHost, port: UInt16, as endpoint: String) async throws {
    let sockets = try await host.namespace.run {
      try IPFamily.allCases.map { try SCTPSocket(bound: host.addresses[$0]) }
    }
    let listener = Listener(
      endpoint: endpoint, transport: .sctp, association: SCTPEndpoint(name: endpoint, port: port))
    for socket in sockets { order(.add(socket.raw, listener)) }
  }

  /// Closes all listening sockets and connections of an endpoint.
  package func stop(_ endpoint: String) async {
    await withCheckedContinuation { done in order(.remove(endpoint) { done.resume() }) }
  }

  func close() { order(.end) }

  private func order(_ order: Order) {
    let isTaken = orders.withLock { orders in
      orders?.append(order)
      return orders != nil
    }
    if !isTaken { refuse(order) }
    _ = write(wakeWrite, [1], 1)
  }

  /// State that only the thread uses.
  private struct State {
    var listeners: [Socket: Listener] = [:]
    var connections: [Socket: Listener] = [:]
  }

  private func loop() {
    var state = State()
    while carryOut(&state) {
      for descriptor in readable.wait() {
        if descriptor == wakeRead {
          var drain = [UInt8](repeating: 0, count: 64)
          _ = read(wakeRead, &drain, drain.count)
        } else {
          handle(Socket(descriptor: descriptor), &state)
        }
      }
    }
    for socket in Array(state.listeners.keys) + Array(state.connections.keys) { close(socket) }
    let late = orders.withLock { orders in
      defer { orders = nil }
      return orders ?? []
    }
    late.forEach(refuse)
  }

  /// Answers an order after the thread has closed everything: nothing is left to remove, and nobody serves new sockets.
  private func refuse(_ order: Order) {
    switch order {
    case .add(let socket, _): socket.close()
    case .remove(_, let done): done()
    case .end: break
    }
  }

  /// Returns false after `.end`.
  private func carryOut(_ state: inout State) -> Bool {
    let now = orders.withLock { orders in
      defer { orders = [] }
      return orders ?? []
    }
    var goesOn = true
    for order in now {
      switch order {
      case .add(let socket, let listener):
        state.listeners[socket] = listener
        readable.add(socket.descriptor)
      case .remove(let endpoint, let done):
        for socket in state.listeners.filter({ $0.value.endpoint == endpoint }).keys {
          state.listeners[socket] = nil
          close(socket)
        }
        for socket in state.connections.filter({ $0.value.endpoint == endpoint }).keys { end(socket, &state) }
        done()
      case .end: goesOn = false
      }
    }
    return goesOn
  }

  private func end(_ socket: Socket, _ state: inout State) {
    state.connections[socket] = nil
    close(socket)
  }

  private func close(_ socket: Socket) {
    readable.remove(socket.descriptor)
    socket.close()
  }

  private func handle(_ socket: Socket, _ state: inout State) {
    if let listener = state.listeners[socket] {
      if let association = listener.association {
        let socket = SCTPSocket(raw: socket)
        guard let received = socket.receive(), let packet = received.packet,
          let answer = association.answer(packet, from: received.sender)
        else { return }
        _ = socket.send(answer, to: received.sender)
      } else if listener.transport == .udp {
        guard let datagram = socket.receiveDatagram() else { return }
        _ = socket.send(Answer(listener.endpoint, datagram.sender).bytes, to: datagram.sender)
      } else if let connection = socket.accept() {
        state.connections[connection] = listener
        readable.add(connection.descriptor)
      }
      return
    }
    guard let listener = state.connections[socket], let bytes = socket.receive(), !bytes.isEmpty, let peer = socket.peer
    else { return end(socket, &state) }
    let answer = Answer(listener.endpoint, peer)
    if bytes.starts(with: Array("GET ".utf8)) {
      _ = socket.send(answer.http)
      end(socket, &state)
    } else {
      for byte in bytes where byte == 0x0a { _ = socket.send(answer.bytes) }
    }
  }
}

/// The endpoint that answered, and the client's address as the endpoint saw it.
package struct Answer: Hashable, Sendable {
  package let endpoint: String
  package let client: SocketAddress

  package init(_ endpoint: String, _ client: SocketAddress) {
    self.endpoint = endpoint
    self.client = client
  }

  var bytes: [UInt8] { Array("\(endpoint) \(client.address) \(client.port)\n".utf8) }

  var http: [UInt8] {
    let body = "\(endpoint) answers \(client.address)\n"
    return Array(
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
  }

  /// Reads one answer line.
  init?(_ bytes: [UInt8]) {
    let words = String(decoding: bytes, as: UTF8.self).trimmingNewline().split(separator: " ")
    guard words.count == 3, let address = IPAddress(words[1]), let port = UInt16(words[2]) else { return nil }
    self.init(String(words[0]), SocketAddress(address, port: port))
  }
}
