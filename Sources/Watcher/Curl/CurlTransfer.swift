import CCurl
import Glibc
import HTTP
import ServiceModel
import Time

/// One running request: libcurl's easy handle and the data for its callbacks. It may be created on any thread. After
/// that only the loop's thread uses it.
final class CurlTransfer: @unchecked Sendable {
  // @unchecked: it is passed to the loop's thread when it is started.
  let easy: UnsafeMutableRawPointer
  let id: Int
  let headTimeout: Duration
  /// If the reader drops its channel, nobody needs the transfer any more.
  private(set) weak var channel: TransferChannel?
  let start: Moment
  /// Since when the transfer waits for bytes: its start, the last bytes, or the end of a pause.
  private(set) var waitingSince: Moment
  /// When the last bytes arrived. In the distant past if none did.
  private(set) var lastReceived = Moment.distantPast

  private let setup: CurlSetup
  /// Whether libcurl will offer bytes again that arrived before the pause.
  private var hasRefused = false
  private var status = 0
  private var headers: HTTPHeaders = [:]
  private var body: [UInt8]
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init(id: Int, request: APIRequest, setup: CurlSetup, channel: TransferChannel) throws(HTTPError) {
    guard let easy = curl_easy_init() else { throw .unreachable(server: setup.server.authority, detail: "no memory") }
    self.easy = easy
    self.id = id
    self.headTimeout = request.headTimeout
    self.channel = channel
    self.setup = setup
    self.body = request.body
    start = .now()
    waitingSince = start
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    lists = try setup.apply(to: easy, request: request)
    ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    installCallbacks()
    if request.method == .post {
      ccurl_set_long(easy, CURLOPT_POST, 1)
      ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, body.count)
      // libcurl copies the body.
      body.withUnsafeBytes { _ = ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, .init(mutating: $0.baseAddress)) }
    }
  }

  deinit {
    curl_easy_cleanup(easy)
    for list in lists { curl_slist_free_all(list) }
    errorText.deallocate()
  }

  static func of(_ easy: UnsafeMutableRawPointer) -> CurlTransfer? {
    var pointer: UnsafeMutableRawPointer?
    ccurl_get_pointer(easy, CURLINFO_PRIVATE, &pointer)
    return pointer.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private func installCallbacks() {
    let me = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_pointer(easy, CURLOPT_PRIVATE, me)
    ccurl_set_pointer(easy, CURLOPT_HEADERDATA, me)
    ccurl_set_pointer(easy, CURLOPT_WRITEDATA, me)
    ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { data, size, count, me in
      guard let data, let me else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(me).takeUnretainedValue()
      transfer.receiveHeader(UnsafeRawBufferPointer(start: data, count: size * count))
      return size * count
    }
    ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { data, size, count, me in
      guard let data, let me else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(me).takeUnretainedValue()
      return transfer.receiveBody(UnsafeRawBufferPointer(start: data, count: size * count))
    }
  }

  /// Called when the reader has room again after a pause. The silence until now was ours.
  func waitsAgain() { waitingSince = .now() }

  private func received() {
    waitingSince = .now()
    lastReceived = waitingSince
  }

  /// Receives one line of the head: the status line, a header, or the empty line at the end.
  private func receiveHeader(_ line: UnsafeRawBufferPointer) {
    received()
    let text = String(decoding: line, as: UTF8.self).trimmingBlanks
    if text.hasPrefix("HTTP/") {
      status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      headers = [:]
    } else if headers.fields.count < HTTPHeaders.limit, let colon = text.firstIndex(of: ":") {
      headers[.init(String(text[..<colon]))] = text[text.index(after: colon)...].trimmingBlanks
    } else if text.isEmpty, status >= 200 {
      channel?.begin(TransferChannel.Head(status: status, headers: headers))
    }
  }

  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    if hasRefused { waitsAgain() } else { received() }
    guard let channel else { return 0 }
    hasRefused = !channel.offer(bytes)
    return hasRefused ? ccurl_writefunc_pause() : bytes.count
  }

  /// Tells the reader how libcurl ended the transfer.
  func finish(_ code: CURLcode) {
    if code == CURLE_OK {
      channel?.finish(.success(()))
    } else {
      let hasHead = channel?.hasHead ?? false
      channel?.finish(.failure(setup.error(code, detail: String(cString: errorText), hasHead: hasHead)))
    }
  }

  /// The time at which the transfer is ended if nothing arrives before, and the error for the reader.
  var deadline: (time: Moment, error: HTTPError)? {
    guard let channel else { return (start, .cancelled) }
    if !channel.hasHead { return (start.advanced(by: headTimeout), .noAnswer(after: headTimeout)) }
    // If we paused the stream because our reader is slow, silence does not mean that the server is dead.
    if channel.isPaused { return nil }
    let timeout = channel.idleTimeout
    return (waitingSince.advanced(by: timeout), .idle(after: timeout))
  }
}
