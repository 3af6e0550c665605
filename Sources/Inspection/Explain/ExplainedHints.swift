import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// How topology hints (`trafficDistribution`) restrict the endpoints that a packet can reach.
package struct ExplainedHints: Hashable, Sendable {
  /// A ready endpoint that the packet cannot reach from here.
  package struct LeftOut: Hashable, Sendable {
    package let endpoint: SocketAddress
    /// The nodes or zones that its hints name.
    package let places: [String]
    /// The node that it runs on, where it is known.
    package let node: String?
  }

  /// Hints that some endpoints have and that the proxy does not use.
  package struct Ignored: Hashable, Sendable {
    package let kind: HintKind
    package let reason: String
  }

  /// The kind of hints that the proxy uses; nil if it uses none.
  package let inForce: HintKind?
  /// The node or zone that traffic stays in; nil if the proxy uses no hints.
  package let place: String?
  package let leftOut: [LeftOut]
  package let ignored: [Ignored]
}

extension ExplainedHints {
  /// nil if there are no hints, or if the packet does not pass the chain that they restrict.
  ///
  /// - Parameter outcomes: all ways of the packet.
  init?(_ outcomes: [WalkOutcome], subject: ServiceAddress?, scene: Scene) {
    guard let subject, let options = scene.options, let facts = scene.facts(of: subject.label),
      let port = facts.service.ports.first(where: { $0.name.port == subject.label.port })
    else { return nil }
    let report = HintReport(port.name, slices: facts.slices, options: options)
    guard report.inForce != nil || !report.ignored.isEmpty,
      outcomes.contains(where: { $0.trace.contains { $0.table == .nat && $0.chain == report.chain } })
    else { return nil }
    // Rules that differ from the plan may lead to endpoints that hints exclude.
    let reached = Set(outcomes.map(\.destination))
    inForce = report.inForce
    switch report.inForce {
    case .node: place = report.nodeName
    case .zone: place = report.zone
    case nil: place = nil
    }
    leftOut = report.leftOut.filter { !reached.contains($0.endpoint) }.map {
      LeftOut(endpoint: $0.endpoint, places: $0.places, node: facts.node(of: $0.endpoint.address))
    }
    ignored = report.ignored.map {
      Ignored(kind: $0.kind, reason: ExplainedHints.reason($0, report, isNodeKnown: facts.isNodeKnown))
    }
  }

  private static func reason(_ ignored: HintReport.Ignored, _ report: HintReport, isNodeKnown: Bool) -> String {
    switch ignored.reason {
    case .missing(let endpoints):
      guard endpoints.count > 1 else {
        return "endpoint \(endpoints[0]) has none, and all endpoints must have hints"
      }
      let some = endpoints.prefix(3).map(\.description).joined(separator: ", ")
      let list = "\(some)\(endpoints.count > 3 ? ", …" : "")"
      return "\(endpoints.count) endpoints have none (\(list)), and all endpoints must have hints"
    case .nodeWithoutZone:
      return isNodeKnown
        ? "Node \(report.nodeName) has no label topology.kubernetes.io/zone"
        : "Node \(report.nodeName) does not exist, so its zone is not known"
    case .noneForHere:
      return switch ignored.kind {
      case .node: "no ready endpoint's hint is for this node (\(report.nodeName))"
      case .zone: "no ready endpoint's hint is for this node's zone (\(report.zone ?? "unknown"))"
      }
    }
  }
}
