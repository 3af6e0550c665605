import Mutations
import ServiceModel
import Testing

@testable import HTTPServer
@testable import KubeProxy
@testable import StatusPage
@testable import Time

/// Damaged requests.
@Suite(.timeLimit(.minutes(5))) struct HTTPMutationTests {
  private static let start = Moment(wall: .epoch, ticks: 0)
  private static let request =
    "GET /healthz?a=%41&b=c%2Fd+e HTTP/1.1\r\nHost: a:10256\r\nAccept: text/html\r\nConnection: keep-alive\r\n"
    + "Content-Length: 0\r\n\r\nGET /livez HTTP/1.0\r\n\r\n"
  private static let pieces = [
    "%", "%0", "%zz", "%00", "%ff", "%+1", "%-1", "http://a/", "*", "//", "?", "&&", "=", "HTTP/9.9", "\r\n\r\n",
    "\n\n",
    "Transfer-Encoding: chunked\r\n", "Content-Length: 99999999999999999999\r\n", "Host:\r\n", ":\r\n", " : a\r\n",
    "CONNECT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n",
  ]

  @Test(arguments: 0..<8)
  func `damaged requests get an answer or end, in pieces of any size`(seed: UInt64) {
    var mutator = Mutator(seed: seed, pieces: Self.pieces)
    for _ in 0..<400 {
      var rest = mutator.mutated(Self.request)[...]
      var connection = HTTPConnection(limits: HTTPLimits(), at: Self.start)
      var requests = 0
      var isOpen = true
      while isOpen, !rest.isEmpty || !connection.output.isEmpty {
        var action = HTTPConnection.Action.wait
        if !connection.output.isEmpty {
          let count = Int.random(in: 1...connection.output.count, using: &mutator)
          action = connection.sent(count, at: Self.start)
        } else {
          let piece = rest.prefix(Int.random(in: 1...60, using: &mutator))
          rest = rest.dropFirst(piece.count)
          action = connection.received(piece, at: Self.start)
        }
        if case .handle(let request) = action {
          requests += 1
          #expect(request.path.hasPrefix("/") && !request.method.isEmpty)
          _ = connection.answer(.text("ok"), at: Self.start)
        }
        isOpen = action != .close
      }
      #expect(requests <= 20)
    }
  }

  @Test func `a head without end is refused`() {
    for filler in ["a", "\n", "\r", "\r\n", "a: b\r\n", "\u{0}"] {
      var connection = HTTPConnection(limits: HTTPLimits(), at: Self.start)
      let bytes = Array(String(repeating: filler, count: 20_000).utf8)
      _ = connection.received(bytes, at: Self.start)
      #expect(String(decoding: connection.output, as: UTF8.self).hasPrefix("HTTP/1.1 431 "))
    }
  }

  @Test(arguments: 0..<4)
  func `paths and queries`(seed: UInt64) {
    var mutator = Mutator(seed: seed, pieces: Self.pieces)
    for _ in 0..<1000 {
      let bytes = mutator.mutated("/statusz?service=shop%2Fweb&page=2&q=%C3%A9+x")
      guard let target = RequestTarget(bytes[...]) else { continue }
      let query = ServiceQuery(target.query)
      #expect(query.page >= 1)
      #expect(query.run(ClusterSnapshot(), node: "n").page == 1)
    }
  }
}
