import Time

/// A request to one of the daemon's servers. The servers do not read request content.
package struct HTTPRequest: Hashable, Sendable {
  package var method: String
  /// Percent-decoded, without the query, like `/healthz`.
  package var path: String
  /// Percent-decoded. If a name occurs twice, the first value counts.
  package var query: [String: String]
  /// The names are in lower case. Values of a repeated name are joined with ", ".
  package var headers: [String: String]
  /// Whether the client can take another response on the same connection.
  var keepsAlive: Bool

  package init(
    method: String = "GET", path: String, query: [String: String] = [:], headers: [String: String] = [:],
    keepsAlive: Bool = true
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.keepsAlive = keepsAlive
  }
}

/// A response. The headers are written in this order, followed by `Date` and `Content-Length`.
package struct HTTPResponse: Hashable, Sendable {
  package struct Header: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var status: Int
  package var headers: [Header]
  package var body: [UInt8]

  package init(status: Int = 200, headers: [Header], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Plain text in the format of Go's `http.Error` and kube-proxy's handlers.
  package static func text(_ body: String, status: Int = 200, isSniffable: Bool = false) -> HTTPResponse {
    let noSniff = isSniffable ? [] : [Header("X-Content-Type-Options", "nosniff")]
    return HTTPResponse(
      status: status, headers: [Header("Content-Type", "text/plain; charset=utf-8")] + noSniff,
      body: Array(body.utf8))
  }

  package static func json(_ body: String, status: Int = 200, extra: [Header] = []) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: [Header("Content-Type", "application/json"), Header("X-Content-Type-Options", "nosniff")] + extra,
      body: Array(body.utf8))
  }

  package static let notFound = HTTPResponse.text("404 page not found\n", status: 404)
}

extension HTTPResponse {
  static let reasons = [
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 503: "Service Unavailable",
    505: "HTTP Version Not Supported",
  ]

  /// The bytes of the response. `isHead` leaves the body out (RFC 9110 section 9.3.2).
  func serialized(at time: WallTime, isHead: Bool = false, closes: Bool = false) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(HTTPResponse.reasons[status] ?? "Unknown")\r\n"
    for header in headers { head += "\(header.name): \(header.value)\r\n" }
    head += "Date: \(time.httpDate)\r\nContent-Length: \(body.count)\r\n"
    if closes { head += "Connection: close\r\n" }
    return Array((head + "\r\n").utf8) + (isHead ? [] : body)
  }
}
