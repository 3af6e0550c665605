/// A request to the API server.
public struct HTTPRequest: Sendable, Hashable {
  public enum Method: String, Sendable, Hashable {
    case get = "GET"
    case post = "POST"
  }

  public var method: Method
  /// Path and query, encoded, starting with a slash.
  public var target: String
  public var headers: [String: String]
  public var body: [UInt8]
  /// How long the server may take to begin its answer.
  public var headTimeout: Duration
  /// How long an answer may pause before its connection counts as dead; `HTTPBody.setIdleTimeout` can change it later.
  public var idleTimeout: Duration

  public init(
    method: Method = .get, target: String, headers: [String: String] = [:], body: [UInt8] = [],
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

/// The beginning of an answer, whose body is still to be read.
public struct HTTPResponse: Sendable {
  public var status: Int
  /// Names in lower case.
  public var headers: [String: String]
  public var body: any HTTPBody

  public init(status: Int, headers: [String: String] = [:], body: any HTTPBody) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// A body that arrives in pieces. Letting go of it ends the transfer.
public protocol HTTPBody: AnyObject, Sendable {
  /// Waits for more of the body and appends it to `bytes`; false at the body's end, which adds nothing. The bytes that
  /// arrive are written behind what the reader has kept, so that they are copied once. While nobody asks, at most a
  /// bounded number of bytes is taken from the connection. Only one task may read.
  func read(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool
  func setIdleTimeout(_ timeout: Duration)
  /// Ends the transfer; `read` throws `.cancelled` from then on.
  func cancel()
}

/// The way to an API server: real over libcurl, in memory in tests.
public protocol HTTPTransport: Sendable {
  /// Sends a request and returns when the answer begins, whatever its status.
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
  /// The credentials that were sent did not suffice (401): what is cached of them is to be made anew.
  func refreshCredentials() async
}

extension HTTPBody {
  /// The whole body, at most `limit` bytes of it.
  func collect(limit: Int) async throws(HTTPError) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < limit, try await read(into: &result) {}
    return Array(result.prefix(limit))
  }
}
