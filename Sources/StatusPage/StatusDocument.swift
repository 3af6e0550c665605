import Conntrack
import Health
import IPTables
import KubernetesAPI
import Markup
import ServiceModel
import Time
import Watcher

/// The HTML document around the pages, and the overview of the daemon's state.
struct StatusDocument {
  let status: StatusSnapshot

  /// A complete HTML document.
  static func document(title: String, _ body: HTML) -> HTML {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>\
    <meta name="viewport" content="width=device-width,initial-scale=1">\
    <style>\(StatusStyle.css)</style></head>
    <body>\(body)</body></html>

    """
  }

  /// The overview, with one page of the Services.
  func overview(_ page: ServiceQuery.Page, _ query: ServiceQuery) -> HTML {
    let body: HTML = """
      \(header)<main>\(problems(page))\(rules)\
      <h2>Cluster</h2>\(watches)\
      \(ServiceTable(page: page, query: query).html)\
      <h2>Configuration</h2>\(settings)</main>\(footer)
      """
    return StatusDocument.document(title: "\(status.node) · swift-kube-proxy", body)
  }

  /// The syncs, or in shadow mode the comparisons.
  private var rules: HTML {
    if let shadow = status.shadow { return ShadowList(families: shadow, now: status.now).html }
    return "<h2>Syncs</h2><div class=\"cards\">\(status.families.map(family))</div>\(key)"
  }

  var header: HTML {
    let isHealthy = status.health.isHealthy
    let trouble = status.shadow == nil ? "rules are out of date" : "rules are not compared"
    let pill: HTML =
      isHealthy ? "<span class=\"pill ok\">healthy</span>" : "<span class=\"pill bad\">\(trouble)</span>"
    let node: HTML =
      status.health.isNodeEligible ? "" : " <span class=\"pill warn\">node is being removed</span>"
    return """
      <header><h1><a href="/statusz" style="color:inherit;text-decoration:none">\(status.node)</a> \(pill)\(node)</h1>\
      <p class="soft">swift-kube-proxy \(status.version), iptables mode · \
      up \(Readable.age(status.started.duration(to: status.now))), \
      since \(status.started.wall.readable) · read at \(status.now.wall.readable)</p></header>
      """
  }

  var footer: HTML {
    "<footer>Also as JSON (<code>Accept: application/json</code>). Numbers for dashboards: "
      + "<a href=\"/metrics\">/metrics</a> · <a href=\"/configz\">/configz</a> · <a href=\"/flagz\">/flagz</a></footer>"
  }

  /// The problems that need attention. They come first on the page.
  private func problems(_ page: ServiceQuery.Page) -> HTML {
    var items: [HTML] = []
    if let state = status.health.stateTime {
      let age = Readable.age(state.age(at: status.now.wall))
      items.append(
        "<p><span class=\"pill warn\">restored state</span> the API server has not answered since the start; the rules use the state of \(state.readable), \(age) ago</p>"
      )
    }
    for family in status.families {
      if case .failed(let error)? = family.syncs.last?.outcome {
        items.append("<p><span class=\"pill bad\">\(family.family.rawValue)</span> the last sync failed: \(error)</p>")
      }
    }
    for watch in status.watches where watch.state == .backingOff {
      items.append(
        "<p><span class=\"pill bad\">\(StatusDocument.words(watch.resource))</span> not watched: \(watch.lastError ?? "no reason")</p>"
      )
    }
    items += ClashList(families: status.clashes).html
    if let count = page.states[.noEndpoints], count > 0 {
      let words = Readable.count(count, "Service has no ready endpoint", "Services have no ready endpoint")
      items.append(
        "<p><span class=\"pill warn\">endpoints</span> <a href=\"?state=no-endpoints#services\">\(words)</a></p>")
    }
    return items.isEmpty ? "" : "<h2>Attention</h2><div class=\"card\">\(items)</div>"
  }

  private func family(_ family: StatusBoard.Family) -> HTML {
    let health = status.health.families[family.family]
    let pill: HTML =
      switch (health?.isHealthy, health?.lastUpdated) {
      case (false?, _): "<span class=\"pill bad\">out of date</span>"
      case (_, nil): "<span class=\"pill warn\">not synced yet</span>"
      default: "<span class=\"pill ok\">in sync</span>"
      }
    var rows: [HTML] = []
    if !family.backend.isEmpty {
      rows.append(row("backend", family.backend + (family.backendReason.isEmpty ? "" : " (\(family.backendReason))")))
    }
    if let last = family.syncs.last {
      let age = Readable.age(last.end.duration(to: status.now))
      rows.append(row("last sync", "\(age) ago, took \(Readable.duration(last.duration))"))
    }
    let failed = family.failureCount == 0 ? "" : ", \(Readable.count(family.failureCount)) failed"
    rows.append(row("syncs", Readable.count(family.syncCount) + failed))
    if let failure = family.lastFailure, case .failed(let error) = failure.outcome {
      rows.append(row("last failure", "\(failure.end.wall.readable): \(error)"))
    }
    for table in family.tables {
      rows.append(
        row(
          table.table.rawValue,
          "\(Readable.count(table.rules, "rule", "rules")) in \(Readable.count(table.chains, "chain", "chains"))"))
    }
    if let conntrack = family.conntrack {
      let error = conntrack.error.map { "; \($0)" } ?? ""
      rows.append(
        row(
          "conntrack",
          "\(Readable.count(family.conntrackDeleted, "stale entry", "stale entries")) deleted; last looked at "
            + "\(Readable.count(conntrack.report.examined)) in \(Readable.duration(conntrack.duration))\(error)"))
    }
    let plot = SyncPlot(syncs: family.syncs, label: "Durations of the last \(family.family.rawValue) syncs")
    return """
      <section class="card"><h3>\(family.family.rawValue) \(pill)</h3><dl>\(rows)</dl>\(plot.svg)</section>
      """
  }

  private func row(_ name: String, _ value: String) -> HTML { "<dt>\(name)</dt><dd>\(value)</dd>" }

  private var key: HTML {
    """
    <p class="key"><span><i style="background:var(--full)"></i>full sync</span>\
    <span><i style="background:var(--part)"></i>partial sync</span>\
    <span style="color:var(--bad)">✕ failed</span><span>newest at the right, logarithmic scale</span></p>
    """
  }

  private var watches: HTML {
    let rows = status.watches.map { watch -> HTML in
      let kind = watch.state == .watching ? "ok" : watch.state == .absent ? "plain" : "warn"
      let heard = watch.lastEventTime.map { Readable.age($0.age(at: status.now.wall)) + " ago" }
      return """
        <tr><td class="name">\(StatusDocument.words(watch.resource))</td>\
        <td data-label="state"><span class="pill \(kind)">\(StatusDocument.words(watch.state))</span></td>\
        <td data-label="objects" class="num"><span>\(Readable.count(watch.objects))</span></td>\
        <td data-label="last heard"><span>\(heard ?? "never")</span></td>\
        <td data-label="lists" class="num"><span>\(Readable.count(watch.lists))</span></td>\
        <td data-label="errors" class="num"><span>\(Readable.count(watch.errors))</span></td>\
        <td data-label="version" class="mono"><span>\(watch.lastResourceVersion)</span></td></tr>
        """
    }
    let source: HTML = "<p class=\"soft\">Objects come from <span class=\"mono\">\(status.source)</span>.</p>"
    guard !rows.isEmpty else { return source }
    return """
      \(source)<table><thead><tr><th>Resource<th>State<th class="num">Objects<th>Last heard<th class="num">Lists\
      <th class="num">Errors<th>Resource version</tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  private static func words(_ state: WatchStatus.State) -> String {
    switch state {
    case .idle: "not asked for yet"
    case .listing: "listing"
    case .watching: "watching"
    case .backingOff: "waiting to retry"
    case .absent: "not offered"
    }
  }

  private static func words(_ resource: ResourceKind) -> String {
    switch resource {
    case .service: "Services"
    case .endpointSlice: "EndpointSlices"
    case .node: "Node"
    case .serviceCIDR: "ServiceCIDRs"
    }
  }

  private var settings: HTML {
    let rows = status.settings.map { row($0.name, $0.value.isEmpty ? "–" : $0.value) }
    return """
      <details><summary>\(Readable.count(status.settings.count)) settings in force</summary>\
      <dl class="mono">\(rows)</dl></details>
      """
  }
}
