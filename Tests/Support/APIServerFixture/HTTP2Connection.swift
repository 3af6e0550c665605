import CNghttp2
import Foundation
import Glibc

/// One connection of HTTP/2: its thread reads and sends frames. Each request has its own thread, which answers it.
final class HTTP2Connection: @unchecked Sendable {
  // @unchecked: `session` and `requests` belong to the connection's thread, `streams` and `orders` are guarded by
  // `lock`.
  typealias Answer = @Sendable (ServerRequest, any ResponseWriter) throws -> Void

  enum Order {
    case head(Int32, status: Int, headers: [String: String])
    case resume(Int32)
    case reset(Int32)
    case close
  }

  struct Incoming {
    var headers: [(String, String)] = []
    var body = Data()
  }

  private let channel: any ByteChannel
  private let pending: () -> Int
  private let answer: Answer
  private let isStopping: @Sendable () -> Bool
  private var session: OpaquePointer?
  fileprivate var requests: [Int32: Incoming] = [:]
  private let lock = NSLock()
  private var streams: [Int32: HTTP2Stream] = [:]
  private var orders: [Order] = []
  private var wake: [CInt] = [-1, -1]
  fileprivate var failed = false

  init(
    _ channel: any ByteChannel, pendingBytes: @escaping () -> Int, isStopping: @escaping @Sendable () -> Bool,
    answer: @escaping Answer
  ) {
    self.channel = channel
    self.pending = pendingBytes
    self.isStopping = isStopping
    self.answer = answer
    _ = pipe(&wake)
    for descriptor in wake { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  }

  deinit { for descriptor in wake { _ = Glibc.close(descriptor) } }

  /// Serves until either side ends the connection.
  func run() {
    makeSession()
    defer { end() }
    while !failed, !isStopping(), perform(), nghttp2_session_send(session) == 0 {
      guard nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0 else { return }
      if pending() == 0 {
        var polled = [
          pollfd(fd: channel.descriptor, events: Int16(POLLIN), revents: 0),
          pollfd(fd: wake[0], events: Int16(POLLIN), revents: 0),
        ]
        poll(&polled, 2, 1000)
        if polled[1].revents != 0 { drainWake() }
        if polled[0].revents == 0 { continue }
      }
      guard let data = try? channel.read(upTo: 16384), !data.isEmpty else { return }
      let used = data.withUnsafeBytes {
        nghttp2_session_mem_recv(session, $0.bindMemory(to: UInt8.self).baseAddress, data.count)
      }
      if used < 0 { return }
    }
  }

  private func drainWake() {
    var bytes = [UInt8](repeating: 0, count: 256)
    _ = read(wake[0], &bytes, bytes.count)
  }

  private func end() {
    let open = lock.withLock { Array(streams.values) }
    for stream in open { stream.close() }
    nghttp2_session_del(session)
    session = nil
    channel.close()
  }

  // MARK: Orders of the threads that answer

  func post(_ order: Order) {
    lock.withLock { orders.append(order) }
    var byte: UInt8 = 0
    _ = write(wake[1], &byte, 1)
  }

  /// False when the connection is to end.
  private func perform() -> Bool {
    let ready = lock.withLock {
      defer { orders = [] }
      return orders
    }
    for order in ready {
      switch order {
      case .head(let id, let status, let headers): submit(id, status, headers)
      case .resume(let id): nghttp2_session_resume_data(session, id)
      case .reset(let id):
        nghttp2_submit_rst_stream(
          session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, UInt32(NGHTTP2_INTERNAL_ERROR.rawValue))
      case .close: return false
      }
    }
    return true
  }

  private func submit(_ id: Int32, _ status: Int, _ headers: [String: String]) {
    let all = [(":status", String(status))] + headers.map { ($0.key.lowercased(), $0.value) }
    var names = all.map { strdup($0.0) }
    var values = all.map { strdup($0.1) }
    defer {
      for text in names + values { free(text) }
      names = []
      values = []
    }
    var fields = zip(names, values).map { name, value in
      nghttp2_nv(
        name: UnsafeMutableRawPointer(name)?.assumingMemoryBound(to: UInt8.self),
        value: UnsafeMutableRawPointer(value)?.assumingMemoryBound(to: UInt8.self),
        namelen: strlen(name!), valuelen: strlen(value!), flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
    }
    var provider = nghttp2_data_provider(source: nghttp2_data_source()) { _, id, buffer, length, flags, _, user in
      guard let user, let buffer else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      let me = Unmanaged<HTTP2Connection>.fromOpaque(user).takeUnretainedValue()
      guard let stream = me.stream(id) else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      return stream.take(into: UnsafeMutableRawBufferPointer(start: buffer, count: length)) {
        flags?.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
      }
    }
    nghttp2_submit_response(session, id, &fields, fields.count, &provider)
  }

  private func stream(_ id: Int32) -> HTTP2Stream? { lock.withLock { streams[id] } }

  // MARK: Frames of the client

  private func makeSession() {
    var callbacks: OpaquePointer?
    nghttp2_session_callbacks_new(&callbacks)
    defer { nghttp2_session_callbacks_del(callbacks) }
    nghttp2_session_callbacks_set_send_callback(callbacks) { _, data, length, _, user in
      guard let data, let me = HTTP2Connection.of(user) else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      guard (try? me.channel.write(Data(bytes: data, count: length))) != nil else {
        me.failed = true
        return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
      }
      return length
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, frame, name, nameLength, value, length, _, user in
      guard let me = HTTP2Connection.of(user), let frame, let name, let value else { return 0 }
      let key = String(decoding: UnsafeBufferPointer(start: name, count: nameLength), as: UTF8.self)
      let text = String(decoding: UnsafeBufferPointer(start: value, count: length), as: UTF8.self)
      me.requests[frame.pointee.hd.stream_id, default: Incoming()].headers.append((key, text))
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, data, length, user in
      guard let me = HTTP2Connection.of(user), let data else { return 0 }
      me.requests[id, default: Incoming()].body.append(data, count: length)
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
      guard let me = HTTP2Connection.of(user), let header = frame?.pointee.hd else { return 0 }
      let carries = [UInt8(NGHTTP2_HEADERS.rawValue), UInt8(NGHTTP2_DATA.rawValue)].contains(header.type)
      if carries, header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 { me.begin(header.stream_id) }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, _, user in
      HTTP2Connection.of(user)?.closed(id)
      return 0
    }
    nghttp2_session_server_new(&session, callbacks, Unmanaged.passUnretained(self).toOpaque())
    nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil, 0)
  }

  private static func of(_ user: UnsafeMutableRawPointer?) -> HTTP2Connection? {
    user.map { Unmanaged<HTTP2Connection>.fromOpaque($0).takeUnretainedValue() }
  }

  private func closed(_ id: Int32) {
    requests[id] = nil
    lock.withLock { streams.removeValue(forKey: id) }?.close()
  }

  private func begin(_ id: Int32) {
    guard let incoming = requests.removeValue(forKey: id) else { return }
    var headers = Dictionary(incoming.headers) { $1 }
    headers["host"] = headers["host"] ?? headers[":authority"]
    let request = ServerRequest(
      method: headers[":method"] ?? "", target: headers[":path"] ?? "/", headers: headers, body: incoming.body)
    let stream = HTTP2Stream(id, connection: self, isStopping: isStopping)
    lock.withLock { streams[id] = stream }
    let answer = answer
    // An answer that the client does not wait for ends early.
    Thread.detachNewThread { try? answer(request, stream) }
  }
}
