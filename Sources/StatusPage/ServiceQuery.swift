import HTTP
import ServiceModel

/// Which Services a page shows: a filter and a page number.
struct ServiceQuery: Sendable, Equatable {
  static let pageSize = 100

  /// Part of the name, beginning of an address, a port or a type. Empty: all Services.
  var text: String
  var state: ServiceSummary.State?
  /// From 1.
  var page: Int

  init(_ query: [String: String]) {
    text = String((query["q"] ?? "").lowercased().prefix(253))
    state = query["state"].flatMap(ServiceSummary.State.init)
    page = max(1, query["page"].flatMap { Int($0) } ?? 1)
  }

  struct Page: Sendable {
    /// Ordered by name, at most `pageSize`.
    var services: [ServiceSummary] = []
    /// Number of Services without the filter, and with it.
    var total = 0
    var matching = 0
    var page = 1
    /// Number of all Services in each state.
    var states: [ServiceSummary.State: Int] = [:]

    var pages: Int { max(1, (matching + ServiceQuery.pageSize - 1) / ServiceQuery.pageSize) }
  }

  func run(_ cluster: ClusterSnapshot, node: String) -> Page {
    var result = Page()
    result.total = cluster.services.count
    var matching: [NamespacedName] = []
    for (name, service) in cluster.services {
      let summary = ServiceSummary(service, slices: cluster.slices[name] ?? [:], node: node)
      result.states[summary.state, default: 0] += 1
      if state == nil || summary.state == state, matches(summary) { matching.append(name) }
    }
    matching.sort()
    result.matching = matching.count
    result.page = min(page, result.pages)
    result.services = matching.dropFirst((result.page - 1) * ServiceQuery.pageSize).prefix(ServiceQuery.pageSize).map {
      ServiceSummary(cluster.services[$0]!, slices: cluster.slices[$0] ?? [:], node: node)
    }
    return result
  }

  private func matches(_ summary: ServiceSummary) -> Bool {
    if text.isEmpty || summary.service.name.description.contains(text) { return true }
    if summary.addresses.contains(where: { $0.description.hasPrefix(text) }) { return true }
    if summary.service.type.rawValue.lowercased() == text { return true }
    guard let port = UInt16(text) else { return false }
    return summary.service.ports.contains { $0.port == port || $0.nodePort == port }
  }

  /// The query of a link to another page of the same filter.
  func link(page: Int) -> String {
    var parts = ["page=\(page)"]
    if !text.isEmpty { parts.append("q=\(PercentCoding.encode(text))") }
    if let state { parts.append("state=\(state.rawValue)") }
    return "?" + parts.joined(separator: "&")
  }
}
