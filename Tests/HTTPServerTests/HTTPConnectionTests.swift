import HTTP
import ServiceModel
import Testing

@testable import HTTPServer
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct HTTPConnectionTests {
  let start = Moment(wall: WallTime(nanosecondsSince1970: 1_795_223_280_000_000_000), ticks: 0)

  private func at(_ seconds: Double) -> Moment { start.advanced(by: .seconds(seconds)) }
  private func connection() -> HTTPConnection { HTTPConnection(limits: HTTPLimits(), at: start) }

  private func text(_ connection: HTTPConnection) -> String { String(decoding: connection.output, as: UTF8.self) }

  @Test func `one request in pieces`() {
    var connection = connection()
    for piece in ["GET /healt", "hz HTTP/1.1\r\nHo", "st: a\r\nX-Y:  b \r\n\r"] {
      let action = connection.received(piece.utf8, at: start)
      #expect(action == .wait)
    }
    let action = connection.received("\n".utf8, at: start)
    #expect(action == .handle(HTTPRequest(path: "/healthz", headers: ["host": "a", "x-y": "b"])))
    #expect(!connection.wantsInput, "one request at a time")
    let answered = connection.answer(.text("ok"), at: start)
    #expect(answered == .wait)
    #expect(
      text(connection) == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + "X-Content-Type-Options: nosniff\r\nDate: Sat, 21 Nov 2026 01:08:00 GMT\r\nContent-Length: 2\r\n\r\nok")
    let sent = connection.sent(connection.output.count, at: start)
    #expect(sent == .wait)
    #expect(connection.wantsInput)
  }

  @Test func `a request that is sent ahead waits for the answer before it`() {
    var connection = connection()
    let request = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
    let first = connection.received(request.utf8, at: start)
    #expect(first == .handle(HTTPRequest(path: "/1", headers: ["host": "a"])))
    _ = connection.answer(.text("1"), at: start)
    let second = connection.sent(connection.output.count, at: start)
    #expect(second == .handle(HTTPRequest(path: "/2", headers: ["host": "a"])))
  }

  struct Closing: Sendable, CustomTestStringConvertible {
    let why: String
    let request: String
    let closes: Bool
    var testDescription: String { why }
  }

  @Test(arguments: [
    Closing(why: "1.1 goes on", request: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", closes: false),
    Closing(why: "asked to", request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", closes: true),
    Closing(why: "1.0 ends", request: "GET / HTTP/1.0\r\n\r\n", closes: true),
    Closing(why: "1.0 that asks to go on", request: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", closes: false),
    Closing(
      why: "content is not read", request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", closes: true),
    Closing(
      why: "nor is chunked content", request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
      closes: true),
    Closing(
      why: "no content is none", request: "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", closes: false),
    Closing(why: "bare line feeds", request: "\r\nGET / HTTP/1.1\nHost: a\n\n", closes: false),
  ])
  func `when a connection ends`(_ test: Closing) {
    var connection = connection()
    let handled = connection.received(test.request.utf8, at: start)
    guard case .handle = handled else {
      Issue.record("not handled: \(handled)")
      return
    }
    _ = connection.answer(.text("ok"), at: start)
    #expect(text(connection).contains("\r\nConnection: close\r\n") == test.closes)
    let sent = connection.sent(connection.output.count, at: start)
    #expect(sent == (test.closes ? .close : .wait))
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let why: String
    let request: String
    let status: Int
    var testDescription: String { why }
  }

  @Test(arguments: [
    Bad(why: "no request", request: "hello\r\n\r\n", status: 400),
    Bad(why: "a space too many", request: "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
    Bad(why: "a proxy's target", request: "GET http://x/ HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
    Bad(why: "bad escape", request: "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
    Bad(why: "a sign in an escape", request: "GET /%+1 HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
    Bad(why: "an escape that is no UTF-8", request: "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
    Bad(why: "no host in 1.1", request: "GET / HTTP/1.1\r\n\r\n", status: 400),
    Bad(why: "a space before the colon", request: "GET / HTTP/1.1\r\nHost : a\r\n\r\n", status: 400),
    Bad(why: "a folded header", request: "GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n", status: 400),
    Bad(why: "a control character", request: "GET / HTTP/1.1\r\nHost: a\u{1}\r\n\r\n", status: 400),
    Bad(why: "another version", request: "GET / HTTP/2.0\r\nHost: a\r\n\r\n", status: 505),
    Bad(
      why: "too many headers", request: "GET / HTTP/1.1\r\nA: " + String(repeating: "x", count: 20_000), status: 431),
    Bad(
      why: "too many short headers",
      request: "GET / HTTP/1.1\r\n" + (0..<101).map { "h\($0):\r\n" }.joined() + "\r\n", status: 431),
    Bad(why: "no end of line", request: String(repeating: "A", count: 16_384), status: 431),
    Bad(why: "TLS", request: "\u{16}\u{3}\u{1}\r\n\r\n", status: 400),
  ])
  func `a request that is not understood is refused`(_ test: Bad) {
    var connection = connection()
    let action = connection.received(test.request.utf8, at: start)
    #expect(action == .wait)
    #expect(text(connection).hasPrefix("HTTP/1.1 \(test.status) "))
    let sent = connection.sent(connection.output.count, at: start)
    #expect(sent == .close)
  }

  @Test func `the answer to HEAD has no body`() {
    var connection = connection()
    _ = connection.received("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n".utf8, at: start)
    _ = connection.answer(.text("ok"), at: start)
    #expect(text(connection).hasSuffix("Content-Length: 2\r\n\r\n"))
  }

  @Test func `single bytes do not extend the time limit`() {
    var connection = connection()
    for second in 0..<9 { _ = connection.received("G".utf8, at: at(Double(second))) }
    #expect(!connection.isOverdue(at: at(9.9)))
    #expect(connection.isOverdue(at: at(10)), "ten seconds after the first byte")
  }

  @Test func `a slow client is cut off, and a slow handler is not`() {
    var connection = connection()
    _ = connection.received("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8, at: start)
    #expect(!connection.isOverdue(at: at(1000)))
    _ = connection.answer(.text("ok"), at: at(1000))
    _ = connection.sent(1, at: at(1029))
    #expect(connection.isOverdue(at: at(1030)), "takes the answer too slowly")
    _ = connection.sent(connection.output.count, at: at(1029))
    #expect(!connection.isOverdue(at: at(1088)))
    #expect(connection.isOverdue(at: at(1089)), "idle for a minute")
  }

  @Test func `answers to requests without a pause share the time of one`() {
    var connection = connection()
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8
    // The client does not read, but the kernel takes the answers.
    for tenths in stride(from: 0.0, through: 360, by: 9) {
      _ = connection.sent(connection.output.count, at: at(tenths / 10))
      _ = connection.received(request, at: at(tenths / 10))
      _ = connection.answer(.text("ok"), at: at(tenths / 10))
      #expect(connection.busySince == start, "one burst")
    }
    #expect(!connection.isOverdue(at: at(36.9)))
    #expect(connection.isOverdue(at: at(37)), "the 30 seconds are over, so the last answer has a second")
  }

  @Test func `requests after a pause have their own time`() {
    var connection = connection()
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8
    for second in [5.0, 40, 59] {
      _ = connection.received(request, at: at(second))
      #expect(connection.busySince == nil, "waits for its answer")
      _ = connection.answer(.text("ok"), at: at(second))
      #expect(connection.busySince == at(second))
      #expect(!connection.isOverdue(at: at(second + 29)))
      _ = connection.sent(connection.output.count, at: at(second))
    }
  }

  @Test func `queries are decoded`() throws {
    let target = try #require(RequestTarget(Array("/a%20b?q=x%26y+z&empty&q=second&%C3%BC=1".utf8)[...]))
    #expect(target.path == "/a b")
    #expect(target.query == ["q": "x&y z", "empty": "", "ü": "1"])
  }

  @Test(
    arguments: [
      ("0.0.0.0:10256", .any), ("[::]:10256", .any),
      ("127.0.0.1:10256", .address(.init("127.0.0.1")!)), ("[::1]:10256", .address(.init("::1")!)),
    ] as [(String, ListenAddress.Host)])
  func `an unspecified address to bind to means both families`(text: String, host: ListenAddress.Host) throws {
    #expect(ListenAddress(try #require(SocketAddress(text))) == ListenAddress(host, port: 10256))
  }
}
