import HTTP
import Markup
import ServiceModel

/// One page of the Services that match the filter, and the form for the filter.
struct ServiceTable {
  let page: ServiceQuery.Page
  let query: ServiceQuery

  var html: HTML {
    let head = "Services"
    return """
      <h2 id="services">\(head) <span class="soft">\(found)</span></h2>\(form)\(table)\(links.html)
      """
  }

  private var links: PageLinks {
    PageLinks(page: page.page, pages: page.pages) { query.link(page: $0) + "#services" }
  }

  private var found: String {
    page.matching == page.total
      ? Readable.count(page.total) : "\(Readable.count(page.matching)) of \(Readable.count(page.total))"
  }

  private var form: HTML {
    let options = ServiceSummary.State.allCases.map { state -> HTML in
      let count = Readable.count(page.states[state] ?? 0)
      let isChosen: HTML = query.state == state ? " selected" : ""
      return "<option value=\"\(state.rawValue)\"\(isChosen)>\(state.words) (\(count))</option>"
    }
    return """
      <form method="get" action="/statusz#services"><input type="search" name="q" value="\(query.text)" maxlength="253" \
      placeholder="name, address, port or type" aria-label="filter">\
      <select name="state" aria-label="state"><option value="">any state</option>\(options)</select>\
      <button>Filter</button></form>
      """
  }

  private var table: HTML {
    guard !page.services.isEmpty else { return "<p class=\"none\">No Service matches.</p>" }
    return """
      <table><thead><tr><th>Name<th>Type<th>Addresses<th>Ports<th>Endpoints<th>Notes</tr></thead>\
      <tbody>\(page.services.map(row))</tbody></table>
      """
  }

  private func row(_ summary: ServiceSummary) -> HTML {
    let name = summary.service.name.description
    return """
      <tr><td class="name"><a href="?service=\(PercentCoding.encode(name))">\(name)</a></td>\
      <td data-label="type"><span>\(summary.service.type.rawValue)</span></td>\
      <td data-label="addresses" class="mono"><div>\(lines(summary.addresses.map(\.description)))</div></td>\
      <td data-label="ports" class="mono"><div>\(lines(summary.ports))</div></td>\
      <td data-label="endpoints"><div>\(ServiceTable.pill(summary))</div></td>\
      <td data-label="notes">\(summary.notes.isEmpty ? "" : "<div>\(lines(summary.notes))</div>" as HTML)</td></tr>
      """
  }

  /// Shows at most eight lines, because a Service can have hundreds of ports.
  private func lines(_ all: [String]) -> [HTML] {
    let shown = all.prefix(8).map { "<div>\($0)</div>" as HTML }
    return all.count > 8 ? shown + ["<div class=\"soft\">and \(Readable.count(all.count - 8)) more</div>"] : shown
  }

  static func pill(_ summary: ServiceSummary) -> HTML {
    let counts = summary.counts
    let text =
      switch summary.state {
      case .ready: "\(Readable.count(counts.ready)) ready"
      case .draining: "\(Readable.count(counts.draining)) draining"
      case .noEndpoints: "none ready"
      }
    let kind = summary.state == .ready ? "ok" : summary.state == .draining ? "warn" : "bad"
    let others =
      counts.total - (summary.state == .ready ? counts.ready : summary.state == .draining ? counts.draining : 0)
    let rest: HTML = others == 0 ? "" : " <span class=\"soft\">of \(Readable.count(counts.total))</span>"
    return "<span class=\"pill \(kind)\">\(text)</span>\(rest)"
  }
}
