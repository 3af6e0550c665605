/// Which handler answers which path. Everything else is not found, in Go's words.
public struct HTTPRouter: Sendable {
  private var routes: [String: HTTPServer.Handler] = [:]

  public init() {}

  /// Answers exactly this path.
  public mutating func add(_ path: String, _ handler: @escaping HTTPServer.Handler) { routes[path] = handler }

  public func handle(_ request: HTTPRequest) async -> HTTPResponse {
    guard let handler = routes[request.path] else { return .notFound }
    return await handler(request)
  }
}
