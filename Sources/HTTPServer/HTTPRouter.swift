/// Selects the handler by the path. Unknown paths get Go's text for 404.
package struct HTTPRouter: Sendable {
  private var routes: [String: HTTPServer.Handler] = [:]

  package init() {}

  /// Adds a handler for exactly this path.
  package mutating func add(_ path: String, _ handler: @escaping HTTPServer.Handler) { routes[path] = handler }

  package func handle(_ request: HTTPRequest) async -> HTTPResponse {
    guard let handler = routes[request.path] else { return .notFound }
    return await handler(request)
  }
}
