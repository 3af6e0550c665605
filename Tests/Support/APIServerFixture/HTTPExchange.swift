import Foundation

/// A request as the fixture received it.
package struct ServerRequest: Sendable {
  package var method: String
  /// Path without the query.
  package var path: String
  /// Decoded query parameters.
  package var query: [String: String]
  /// Names in lower case.
  package var headers: [String: String]
  package var body: Data
  /// Common name of the client's certificate, if it showed one.
  package var clientCertificate: String?
  /// The host name that the client asked for in its TLS handshake.
  package var serverName: String?
  /// Number of the connection that it came on, from 0.
  package var connection: Int
  package var isHTTP2 = false

  /// Reads the target of a request line.
  init(method: String, target: String, headers: [String: String], body: Data) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    self.path = String(parts[0])
    self.query = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let pieces = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[Self.decode(pieces[0])] = pieces.count > 1 ? Self.decode(pieces[1]) : ""
    }
    self.headers = headers
    self.body = body
    self.connection = 0
  }

  private static func decode(_ text: Substring) -> String {
    let text = text.replacingOccurrences(of: "+", with: " ")
    return text.removingPercentEncoding ?? text
  }
}

/// A whole answer.
package struct ServerResponse: Sendable {
  package var status: Int
  package var headers: [String: String]
  package var body: Data

  package init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A Kubernetes Status object as the API server answers with.
  package static func failure(
    _ code: Int, reason: String, message: String = "", headers: [String: String] = [:], metadata: String = "{}"
  ) -> ServerResponse {
    ServerResponse(
      status: code, headers: headers.merging(["Content-Type": "application/json"]) { given, _ in given },
      body: Data(
        """
        {"kind":"Status","apiVersion":"v1","metadata":\(metadata),"status":"Failure","message":"\(message)",\
        "reason":"\(reason)","code":\(code)}
        """.utf8))
  }
}

/// One step of an answer that is sent bit by bit.
package enum StreamStep: Sendable {
  /// Sent at once, as one chunk.
  case chunk(String)
  case bytes([UInt8])
  /// Sends nothing until the test opens the gate or the server stops.
  case wait(TestSignal)
  /// Sends nothing more and keeps the connection open until the client closes it or the server stops.
  case stall
  /// The connection ends without the end of the body.
  case cut
}

/// What the server does with a request instead of serving it.
package enum Reaction: Sendable {
  case serve
  /// As `serve`, but the connection is cut after so many bytes of body.
  case serveCut(after: Int)
  case respond(ServerResponse)
  case stream(status: Int = 200, headers: [String: String] = ["Content-Type": "application/json"], [StreamStep])
  /// Bytes on the connection instead of HTTP, then its end.
  case raw(String)
  /// Sends no byte of an answer until the client closes the connection or the server stops.
  case silence
}

/// Something that a test opens once.
package final class TestSignal: @unchecked Sendable {
  // @unchecked: guarded by `condition`.
  private let condition = NSCondition()
  private var isOpen = false

  package init() {}

  package func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  /// Whether it was open by then.
  func wait(seconds: Double) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    return condition.withLock {
      while !isOpen && condition.wait(until: deadline) {}
      return isOpen
    }
  }
}
