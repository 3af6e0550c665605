/// What a topology hint names.
package enum HintKind: String, Hashable, Sendable, CaseIterable {
  /// A node (KEP-3015).
  case node
  /// A zone (KEP-2433).
  case zone
}

/// Where this node is, for topology hints (`trafficDistribution`).
struct Topology {
  let nodeName: String
  let zone: String?

  /// Whether hints of a kind narrow the choice. They do so only if every ready endpoint has one.
  enum Use {
    case inForce
    /// Some ready endpoint has no such hint.
    case incomplete
    /// The node has no zone.
    case placeUnknown
    /// No ready endpoint has a hint for this node, or for its zone.
    case elsewhere
  }

  /// The kind of hints that applies. Hints for nodes take precedence over hints for zones. nil if traffic may go to
  /// every endpoint.
  func hintsInForce(among ready: [PlannedEndpoint]) -> HintKind? {
    guard !ready.isEmpty else { return nil }
    return HintKind.allCases.first { use(of: $0, among: ready) == .inForce }
  }

  /// - Parameter ready: all ready endpoints, at least one.
  func use(of kind: HintKind, among ready: [PlannedEndpoint]) -> Use {
    guard ready.allSatisfy({ !$0.hints(kind).isEmpty }) else { return .incomplete }
    guard let place = place(kind) else { return .placeUnknown }
    return ready.contains { $0.hints(kind).contains(place) } ? .inForce : .elsewhere
  }

  func admits(_ endpoint: PlannedEndpoint, by kind: HintKind?) -> Bool {
    guard let kind else { return true }
    return place(kind).map { endpoint.hints(kind).contains($0) } ?? false
  }

  /// The name of this node or its zone, as hints of this kind use it.
  func place(_ kind: HintKind) -> String? {
    switch kind {
    case .node: nodeName
    case .zone: zone
    }
  }
}

extension PlannedEndpoint {
  func hints(_ kind: HintKind) -> [String] {
    switch kind {
    case .node: nodeHints
    case .zone: zoneHints
    }
  }
}
