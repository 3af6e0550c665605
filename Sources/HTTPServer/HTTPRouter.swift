/// Selects the handler by the path. Unknown paths get Go's text for 404.
public struct HTTPRouter: Sendable {
  private var routes: [String: HTTPServer.Handler] = [:]

  public init() {}

  /// Adds a handler for exactly this path.
  public mutating func add(_ path: String, _ handler: @escaping HTTPServer.Handler) { routes[path] = handler }

  public func handle(_ request: HTTPRequest) async -> HTTPResponse {
    guard let handler = routes[request.path] else { return .notFound }
    return await handler(request)
  }
}
