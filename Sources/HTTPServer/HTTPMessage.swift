import HTTP
import Time

/// A request to one of the daemon's servers. The servers do not read request content.
package struct HTTPRequest: Hashable, Sendable {
  package var method: String
  /// Percent-decoded, without the query, like `/healthz`.
  package var path: String
  /// Percent-decoded. If a name occurs twice, the first value counts.
  package var query: [String: String]
  package var headers: HTTPHeaders
  /// Whether the client can take another response on the same connection.
  var keepsAlive: Bool

  package init(
    method: String = "GET", path: String, query: [String: String] = [:], headers: HTTPHeaders = [:],
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
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(status: Int = 200, headers: HTTPHeaders, body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Plain text in the format of Go's `http.Error` and kube-proxy's handlers.
  package static func text(_ body: String, status: Int = 200, isSniffable: Bool = false) -> HTTPResponse {
    var headers: HTTPHeaders = [.contentType: "text/plain; charset=utf-8"]
    if !isSniffable { headers.merge(.noSniffing) }
    return HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
  }

  package static func json(_ body: String, status: Int = 200, extra: HTTPHeaders = [:]) -> HTTPResponse {
    var headers: HTTPHeaders = [.contentType: "application/json"]
    headers.merge(.noSniffing)
    headers.merge(extra)
    return HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
  }

  package static let notFound = HTTPResponse.text("404 page not found\n", status: 404)
}

extension HTTPResponse {
  /// The bytes of the response. `isHead` leaves the body out (RFC 9110 section 9.3.2).
  func serialized(at time: WallTime, isHead: Bool = false, closes: Bool = false) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\n"
    for line in headers.lines { head += "\(line)\r\n" }
    head += "Date: \(time.httpDate)\r\nContent-Length: \(body.count)\r\n"
    if closes { head += "Connection: close\r\n" }
    return Array((head + "\r\n").utf8) + (isHead ? [] : body)
  }
}

extension HTTPHeaders {
  /// Tells browsers to use the type in Content-Type and not to guess another one.
  package static let noSniffing: HTTPHeaders = ["X-Content-Type-Options": "nosniff"]
}
