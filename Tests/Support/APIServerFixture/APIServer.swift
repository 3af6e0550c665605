import Foundation
import Glibc
import System

/// A small API server for tests and labs: list, watch and streaming lists over an `ObjectStore`, over HTTP/1.1 or (in
/// TLS) HTTP/2, on its own threads. Tests can also make it fail in the ways in which networks and servers fail.
///
///     let store = ObjectStore()
///     try store.apply(json: #"{"kind":"Service", …}"#)
///     let server = APIServer(store: store)
///     try server.start()                      // port: any free one
///     server.react { request in request.query["watch"] == nil ? .serve : .respond(.failure(410, reason: "Expired")) }
///     …
///     server.stop()
package final class APIServer: @unchecked Sendable {
  // @unchecked: mutable state is guarded by `lock`.
  package struct Options: Sendable {
    /// An IPv4 or IPv6 address of this host.
    package var address = "127.0.0.1"
    /// 0: any free one.
    package var port: UInt16 = 0
    package var tls: ServerTLS?
    package var authentication = Authentication()
    /// Whether `sendInitialEvents` is served. If false, the server refuses it, like an API server whose etcd does not
    /// support it.
    package var streamsLists = true
    /// Whether clients that ask for protobuf get it. If false, they get JSON.
    package var speaksProtobuf = true
    /// Resources that this server does not have (404).
    package var missing: Set<Resource> = []
    /// Seconds between bookmarks of a watch that allows them.
    package var bookmarkInterval = 60.0

    package init() {}
  }

  package let store: ObjectStore
  package let options: Options
  private let lock = NSLock()
  private var listener: CInt = -1
  private var boundPort: UInt16 = 0
  private var stopping = false
  private var connections: [Int: any ByteChannel] = [:]
  private var accepted = 0
  private let log = Watched<[ServerRequest]>([])
  private var reaction: @Sendable (ServerRequest) -> Reaction = { _ in .serve }
  private var tokens: Set<String>

  package init(store: ObjectStore, options: Options = Options()) {
    self.store = store
    self.options = options
    tokens = options.authentication.tokens
  }

  /// The port it listens on; 0 before `start`.
  package var port: UInt16 { lock.withLock { boundPort } }

  /// `https://127.0.0.1:PORT`, or with `http` or brackets as the options say.
  package var url: String {
    let host = options.address.contains(":") ? "[\(options.address)]" : options.address
    return "\(options.tls == nil ? "http" : "https")://\(host):\(port)"
  }

  /// All requests so far.
  package var requests: [ServerRequest] { log.withLock { $0 } }

  /// Waits until the requests so far are as wanted or the task is cancelled, and returns them.
  @discardableResult
  package func requests(until isEnough: @escaping @Sendable ([ServerRequest]) -> Bool) async -> [ServerRequest] {
    await log.wait { isEnough($0) ? $0 : nil } ?? requests
  }

  /// Number of connections accepted so far.
  package var connectionCount: Int { lock.withLock { accepted } }

  /// Bearer tokens that are valid now, when authentication asks for one.
  package var validTokens: Set<String> {
    get { lock.withLock { tokens } }
    set { lock.withLock { tokens = newValue } }
  }

  /// From now on the server calls `reaction` for each request before it answers. The call runs on the thread that
  /// answers the request: with HTTP/1.1 that of the connection, with HTTP/2 one thread for each request.
  package func react(_ reaction: @escaping @Sendable (ServerRequest) -> Reaction) {
    lock.withLock { self.reaction = reaction }
  }

  /// Cuts all connections; the server goes on.
  package func cutConnections() { lock.withLock { for channel in connections.values { channel.close() } } }

  /// Listens and serves until `stop`.
  package func start() throws {
    signal(SIGPIPE, SIG_IGN)
    let context = try options.tls.map(TLSContext.init)
    let socket = try ListeningSocket(address: options.address, port: options.port)
    lock.withLock {
      listener = socket.descriptor
      boundPort = socket.port
    }
    Thread.detachNewThread { [self] in
      while let descriptor = socket.accept() {
        Thread.detachNewThread { self.serve(descriptor, context: context) }
      }
    }
  }

  /// Ends all connections and threads, and gives the port back.
  package func stop() {
    lock.withLock {
      stopping = true
      if listener >= 0 { shutdown(listener, CInt(SHUT_RDWR)) }
      listener = -1
      for channel in connections.values { channel.close() }
    }
  }

  private var isStopping: Bool { lock.withLock { stopping } }

  private func serve(_ descriptor: CInt, context: TLSContext?) {
    // A failed handshake is the client's to report; a client that goes away ends its connection.
    guard let channel = try? Self.channel(descriptor, context) else { return }
    let number = lock.withLock {
      connections[accepted] = channel
      accepted += 1
      if stopping { channel.close() }
      return accepted - 1
    }
    defer { _ = lock.withLock { connections.removeValue(forKey: number) } }
    let tls = channel as? TLSChannel
    let (name, serverName) = (tls?.clientCommonName, tls?.serverName)
    let isHTTP2 = tls?.applicationProtocol == "h2"
    let answer: @Sendable (ServerRequest, any ResponseWriter) throws -> Void = { request, writer in
      var request = request
      request.connection = number
      request.clientCertificate = name
      request.serverName = serverName
      request.isHTTP2 = isHTTP2
      try self.answer(request, writer)
    }
    let isStopping: @Sendable () -> Bool = { self.isStopping }
    if let tls, isHTTP2 {
      HTTP2Connection(tls, pendingBytes: { tls.pendingBytes }, isStopping: isStopping, answer: answer).run()
    } else {
      try? HTTP1Connection(channel, isStopping: isStopping).run(answer)
    }
    channel.close()
  }

  private static func channel(_ descriptor: CInt, _ context: TLSContext?) throws -> any ByteChannel {
    guard let context else { return PlainChannel(descriptor) }
    return try TLSChannel(descriptor, context: context)
  }

  private func answer(_ request: ServerRequest, _ writer: any ResponseWriter) throws {
    let reaction = lock.withLock { self.reaction }
    log.withLock { $0.append(request) }
    switch reaction(request) {
    case .serve: try handle(request, writer)
    case .serveCut(let bytes): try handle(request, CuttingWriter(writer, after: bytes))
    case .respond(let response): try writer.send(response)
    case .stream(let status, let headers, let steps):
      try writer.head(status: status, headers: headers, length: nil)
      try writer.perform(steps)
    case .raw(let text): try writer.raw(Data(text.utf8))
    case .silence: writer.waitForGone()
    }
  }

  private func handle(_ request: ServerRequest, _ writer: any ResponseWriter) throws {
    if let refusal = options.authentication.refusal(of: request, validTokens: validTokens) {
      return try writer.send(AnswerFormat(request, options).response(refusal))
    }
    try APIHandler(store: store, options: options).handle(request, writer)
  }
}
