import Foundation
import Time

/// The cost of each node: at the start, and for changes.
struct WatchersTable {
  /// The sums over all nodes at one moment.
  struct Moment {
    let bytes: Int
    let events: Int
    let requests: Int
    /// RssAnon of the process in kB.
    let anonymous: Int

    init(_ nodes: [WatchingNode], anonymous: Int) {
      bytes = nodes.reduce(0) { $0 + $1.bytes }
      events = nodes.reduce(0) { $0 + $1.events }
      requests = nodes.reduce(0) { $0 + $1.requests }
      self.anonymous = anonymous
    }
  }

  let nodes: Int
  let anonymousBefore: Int
  let start: Moment
  let end: Moment

  var text: String {
    func each(_ sum: Int) -> Double { Double(sum) / Double(nodes) }
    let events = end.events - start.events
    let perEvent = events == 0 ? 0 : Double(end.bytes - start.bytes) / Double(events)
    return """
      \(nodes) nodes; for each:
      \(String(format: "  start    %12.0f bytes in %.1f requests", each(start.bytes), each(start.requests)))
      \(String(format: "  changes  %12.0f bytes in %.1f events, %.0f bytes an event", each(end.bytes - start.bytes), each(events), perEvent))
      \(String(format: "  memory   %12.1f kB (RssAnon of this process, divided)", each(end.anonymous - anonymousBefore)))

      """
  }
}
