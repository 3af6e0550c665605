import HTTP

/// A request to the API server.
package struct APIRequest: Sendable, Hashable {
  package enum Method: String, Sendable, Hashable {
    case get = "GET"
    case post = "POST"
  }

  package var method: Method
  /// Path and query, percent-encoded, starting with a slash.
  package var target: String
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// How long the server may take to start its answer.
  var headTimeout: Duration
  /// How long an answer may pause before its connection is considered dead. `HTTPBody.setIdleTimeout` can change it
  /// later.
  var idleTimeout: Duration

  package init(
    method: Method = .get, target: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
    headTimeout: Duration = .seconds(30), idleTimeout: Duration = .seconds(30)
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    self.headTimeout = headTimeout
    self.idleTimeout = idleTimeout
  }
}

/// The head of an answer. Its body is still to be read.
package struct APIResponse: Sendable {
  package var status: Int
  package var headers: HTTPHeaders
  package var body: any HTTPBody

  package init(status: Int, headers: HTTPHeaders = [:], body: any HTTPBody) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// A body that arrives in pieces. If the last reference to it is released, the transfer ends.
package protocol HTTPBody: AnyObject, Sendable {
  /// Waits for more of the body and appends it to `bytes`. Returns false at the end of the body and appends nothing
  /// then. New bytes are appended to the bytes that the reader has kept, so they are copied only once. While no task
  /// reads, only a bounded number of bytes is taken from the connection. Only one task may read.
  func read(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool
  func setIdleTimeout(_ timeout: Duration)
  /// Ends the transfer. From then on `read` throws `.cancelled`.
  func cancel()
}

/// The connection to an API server: libcurl in production, an in-memory double in tests.
package protocol HTTPTransport: Sendable {
  /// Sends a request and returns when the answer starts, whatever its status is.
  func send(_ request: APIRequest) async throws(HTTPError) -> APIResponse
  /// Called when the server rejected the credentials (401). Cached credentials are then created again.
  func refreshCredentials() async
}

extension HTTPBody {
  /// Reads the whole body, but at most `limit` bytes.
  func collect(limit: Int) async throws(HTTPError) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < limit, try await read(into: &result) {}
    return Array(result.prefix(limit))
  }
}
