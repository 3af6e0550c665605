import HTTP
import Markup
import ServiceModel

/// Everything about one Service: its addresses, ports, policies and endpoints, and where its packets go.
struct ServiceDetail {
  /// Number of endpoints on one page. The explanation of packets follows below them.
  static let pageSize = 100

  let summary: ServiceSummary
  let slices: [EndpointSlice]
  let node: String
  /// The text of `explain`, if there is one.
  let explanation: String?
  /// From 1 to `pages`.
  let page: Int

  /// - Parameter page: the requested page. A number outside of the range gives the nearest page.
  init(summary: ServiceSummary, slices: [EndpointSlice], node: String, explanation: String?, page: Int) {
    self.summary = summary
    self.slices = slices
    self.node = node
    self.explanation = explanation
    total = slices.reduce(0) { $0 + $1.endpoints.count }
    pages = max(1, (total + ServiceDetail.pageSize - 1) / ServiceDetail.pageSize)
    self.page = min(max(1, page), pages)
  }

  /// Endpoints in all slices.
  let total: Int
  let pages: Int

  /// The endpoints of this page, each with its slice.
  var shown: [(slice: EndpointSlice, endpoint: Endpoint)] {
    let all = slices.lazy.flatMap { slice in slice.endpoints.lazy.map { (slice: slice, endpoint: $0) } }
    return Array(all.dropFirst((page - 1) * ServiceDetail.pageSize).prefix(ServiceDetail.pageSize))
  }

  var html: HTML {
    let service = summary.service
    return """
      <nav><a href="/statusz">‹ all Services</a></nav><h2>\(service.name.description) \(ServiceTable.pill(summary))</h2>\
      <div class="cards"><section class="card"><h3>Addresses</h3><dl>\(addresses)</dl></section>\
      <section class="card"><h3>Policies</h3><dl>\(policies)</dl></section></div>\
      <h2 id="endpoints">Endpoints <span class="soft">\(Readable.count(total))</span></h2>\
      \(endpoints)\(explained)
      """
  }

  private func row(_ name: String, _ values: [String]) -> HTML {
    values.isEmpty ? "" : "<dt>\(name)</dt><dd class=\"mono\">\(values.joined(separator: ", "))</dd>"
  }

  private var addresses: [HTML] {
    let service = summary.service
    return [
      row("type", [service.type.rawValue]), row("cluster IP", service.clusterIPs.map(\.description)),
      row("load balancer", service.loadBalancerIPs.map(\.description)),
      row("external IP", service.externalIPs.map(\.description)), row("ports", summary.ports),
      row("health check", service.healthCheckNodePort.map { ["node port \($0)"] } ?? []),
    ]
  }

  private var policies: [HTML] {
    let service = summary.service
    return [
      row("internal traffic", [service.internalTrafficPolicy.rawValue]),
      row("external traffic", [service.externalTrafficPolicy.rawValue]),
      row("affinity", [service.affinityTimeout.map { "ClientIP, \($0) s" } ?? "none"]),
      row(
        "source ranges",
        service.loadBalancerSourceRanges.map(\.description)
          + (service.hasUnreadableSourceRanges ? ["and some that cannot be read"] : [])),
      row("ready here", ["\(summary.counts.local) of \(summary.counts.ready)"]),
    ]
  }

  private var endpoints: HTML {
    let rows = shown.map { slice, endpoint -> HTML in
      """
      <tr><td class="name mono">\(endpoint.address.description)</td>\
      <td data-label="state"><span class="pill \(endpoint.isReady ? "ok" : endpoint.isServing ? "warn" : "bad")">\
      \(ServiceDetail.state(endpoint))</span></td>\
      <td data-label="node"><span>\(endpoint.nodeName ?? "–")\(endpoint.nodeName == node ? " (here)" : "")</span></td>\
      <td data-label="ports" class="mono wrap"><span>\(ServiceDetail.ports(slice))</span></td>\
      <td data-label="hints" class="wrap"><span>\((endpoint.zoneHints + endpoint.nodeHints).joined(separator: ", "))</span></td>\
      <td data-label="slice" class="wrap"><span>\(slice.name.name)</span></td></tr>
      """
    }
    guard !rows.isEmpty else { return "<p class=\"none\">No EndpointSlice of this Service has endpoints.</p>" }
    let service = PercentCoding.encode(summary.service.name.description)
    let navigation = PageLinks(page: page, pages: pages) { "?service=\(service)&page=\($0)#endpoints" }
    return """
      <table><thead><tr><th>Address<th>State<th>Node<th>Ports<th>Hints<th>Slice</tr></thead>\
      <tbody>\(rows)</tbody></table>\(navigation.html)
      """
  }

  private var explained: HTML {
    guard let explanation else { return "" }
    return """
      <h2>How the rules handle a packet</h2>\
      <p class="soft">This shows the rules of this Service only. Chains that Services share also hold other rules, so \
      rules have other numbers in the kernel; <code>swift-kube-proxy explain --kernel</code> shows the kernel's rules.</p>\
      <pre>\(explanation)</pre>
      """
  }

  static func state(_ endpoint: Endpoint) -> String {
    if endpoint.isReady { return "ready" }
    if endpoint.isServing { return endpoint.isTerminating ? "draining" : "serving" }
    return endpoint.isTerminating ? "terminating" : "not ready"
  }

  static func ports(_ slice: EndpointSlice) -> String {
    slice.ports.prefix(8).map { "\($0.name.isEmpty ? "" : "\($0.name) ")\($0.port)/\($0.transport.rawValue)" }
      .joined(separator: ", ") + (slice.ports.count > 8 ? ", …" : "")
  }
}
