import HTTPServer
import Time

/// Requests to the daemon's HTTP servers.
extension FuzzReader {
  package static let http = FuzzReader("http", words: httpWords) { (bytes) throws(Finding) in
    let whole = try Conversation(CollectionOfOne(bytes[...]))
    try require(try whole == Conversation(Pieces(bytes)), "requests in pieces differ from the same requests in one")
  }

  private static let httpWords = [
    "GET ", "HEAD ", "POST ", "CONNECT ", "PRI * HTTP/2.0", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "Host: a\r\n",
    "Connection: close\r\n", "Connection: keep-alive\r\n", "Content-Length: 0\r\n", "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n", "\r\n\r\n", "\n\n", "/healthz", "/metrics?a=%41&b=c+d", "%00", "%zz", "http://a/",
  ]
}

/// The requests that a connection took, and what it answered.
private struct Conversation: Equatable {
  private static let start = Moment(wall: WallTime(nanosecondsSince1970: 0), ticks: 0)
  private var connection = HTTPConnection(limits: HTTPLimits(), at: start)
  private var requests: [HTTPRequest] = []
  private var output: [UInt8] = []
  private var isOpen = true

  init(_ pieces: some Sequence<ArraySlice<UInt8>>) throws(Finding) {
    for piece in pieces where isOpen {
      perform(connection.received(piece, at: Conversation.start))
      while isOpen, !connection.output.isEmpty {
        output += connection.output
        perform(connection.sent(connection.output.count, at: Conversation.start))
      }
    }
    for request in requests {
      try require(request.path.hasPrefix("/") && !request.method.isEmpty, "a request has the path \(request.path)")
    }
  }

  private mutating func perform(_ action: HTTPConnection.Action) {
    switch action {
    case .wait: break
    case .handle(let request):
      requests.append(request)
      // An answer is always followed by bytes to send.
      _ = connection.answer(.text("ok"), at: Conversation.start)
    case .close: isOpen = false
    }
  }

  static func == (left: Conversation, right: Conversation) -> Bool {
    left.requests == right.requests && left.output == right.output && left.isOpen == right.isOpen
  }
}
