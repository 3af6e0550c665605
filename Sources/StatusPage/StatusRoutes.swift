import HTTP
import HTTPServer
import Markup
import ServiceModel
import Telemetry

/// Answers `/statusz`: HTML or JSON if the client accepts it, otherwise the short text that kube-proxy writes.
package struct StatusRoutes: Sendable {
  /// Explains in words where the packets of a Service go. nil if the Service is not known.
  package typealias Explain = @Sendable (NamespacedName) async -> String?

  package let snapshot: @Sendable () async -> StatusSnapshot
  package let explain: Explain
  let turns: PageQueue

  package init(
    snapshot: @escaping @Sendable () async -> StatusSnapshot, explain: @escaping Explain = { _ in nil }
  ) {
    self.init(snapshot: snapshot, explain: explain, turns: PageQueue())
  }

  package init(
    snapshot: @escaping @Sendable () async -> StatusSnapshot, explain: @escaping Explain = { _ in nil },
    turns: PageQueue
  ) {
    self.snapshot = snapshot
    self.explain = explain
    self.turns = turns
  }

  package func handle(_ request: HTTPRequest) async -> HTTPResponse {
    let accept = request.headers[.accept] ?? "*/*"
    // Take the snapshot only now that the page is made: while a page holds a snapshot, the next change of the cluster
    // has to copy the snapshot's tables once.
    let outcome = await turns.take { () -> HTTPResponse in
      let status = await snapshot()
      guard !Task.isCancelled else { return Self.busy("the client has left") }
      if accept.contains("application/json") { return await json(status, request) }
      if accept.contains("text/html") { return await html(status, request) }
      return .text(StatusText.text(status), isSniffable: true)
    }
    switch outcome {
    case .made(let response): return response
    case .refused: return Self.busy("too many requests for this page; try again later")
    case .cancelled: return Self.busy("the client has left")
    }
  }

  private static func busy(_ reason: String) -> HTTPResponse {
    var response = HTTPResponse.text(reason + "\n", status: 503)
    response.headers[.retryAfter] = "1"
    return response
  }

  private func html(_ status: StatusSnapshot, _ request: HTTPRequest) async -> HTTPResponse {
    guard let name = request.query["service"] else {
      let query = ServiceQuery(request.query)
      return await PageQueue.compute {
        page(StatusDocument(status: status).overview(query.run(status.cluster, node: status.node), query))
      }
    }
    let frame = StatusDocument(status: status)
    guard let detail = await detail(name, request, status) else {
      let body: HTML = """
        \(frame.header)<main><p>There is no Service \(name) here.</p>\
        <nav><a href="/statusz">‹ all Services</a></nav></main>
        """
      return page(StatusDocument.document(title: "No such Service", body), status: 404)
    }
    return await PageQueue.compute {
      let body: HTML = "\(frame.header)<main>\(detail.html)</main>\(frame.footer)"
      return page(StatusDocument.document(title: "\(name) · \(status.node)", body))
    }
  }

  private func json(_ status: StatusSnapshot, _ request: HTTPRequest) async -> HTTPResponse {
    guard let name = request.query["service"] else {
      let query = ServiceQuery(request.query)
      return await PageQueue.compute {
        .json(StatusJSON(status: status).overview(query.run(status.cluster, node: status.node)).text + "\n")
      }
    }
    guard let detail = await detail(name, request, status) else {
      return .json(#"{"error":"no such Service"}"# + "\n", status: 404)
    }
    return await PageQueue.compute { .json(StatusJSON.detail(detail).text + "\n") }
  }

  private func detail(_ text: String, _ request: HTTPRequest, _ status: StatusSnapshot) async -> ServiceDetail? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let name = NamespacedName(namespace: parts[0], name: parts[1]),
      let service = status.cluster.services[name]
    else { return nil }
    let slices = status.cluster.slices[name] ?? [:]
    let explanation = await explain(name)
    return await PageQueue.compute {
      ServiceDetail(
        summary: ServiceSummary(service, slices: slices, node: status.node),
        slices: slices.values.sorted { $0.name < $1.name }, node: status.node, explanation: explanation,
        page: ServiceQuery(request.query).page)
    }
  }

  /// The headers forbid the browser to load, run or embed anything, so a hostile Service name can do no harm.
  private func page(_ html: HTML, status: Int = 200) -> HTTPResponse {
    var headers: HTTPHeaders = [.contentType: "text/html; charset=utf-8"]
    headers.merge(.noSniffing)
    headers.merge([
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
    ])
    return HTTPResponse(status: status, headers: headers, body: Array(html.markup.utf8))
  }
}
