import ServiceModel

extension AddressClaim.Kind {
  package var name: String {
    switch self {
    case .clusterIP: "cluster IP"
    case .externalIP: "external IP"
    case .loadBalancerIP: "load-balancer IP"
    case .nodePort: "node port"
    }
  }

  fileprivate var phrase: String { (self == .externalIP ? "an " : "a ") + name }
}

extension AddressClaim: CustomStringConvertible {
  /// `shop/web:http (external IP)`
  package var description: String { "\(port) (\(kind.name))" }
}

extension AddressClash: CustomStringConvertible {
  /// The claims that do not win.
  package var losers: String { AddressClash.list(claims.dropFirst()) }

  /// Why the first claim wins, and which packets still reach another Service.
  package var reason: String {
    let next = claims[1]
    var reason: String
    if winner.state != .served {
      let isRefused = winner.state == .noEndpoints
      reason =
        "none of these Services has an endpoint for this node, so connections are \(isRefused ? "refused" : "dropped")"
    } else if next.state != .served {
      let place = next.state == .noLocalEndpoints ? " on this node" : ""
      reason = "\(next.port) has no endpoint\(place)"
    } else if winner.kind != next.kind {
      reason = "the rule for \(winner.kind.phrase) stands before the rule for \(next.kind.phrase)"
    } else {
      reason = "claims of the same kind are ordered by namespace, name and port name, and the first one wins"
    }
    if let exception { reason += "; \(exception)" }
    return reason
  }

  /// Packets that the winner's rules do not match go to the next Service that has an endpoint.
  private var exception: String? {
    guard !winner.limits.isEmpty, let next = claims.dropFirst().first(where: { $0.state == .served }) else {
      return nil
    }
    var clients: [String] = []
    if winner.limits.contains(.sourceRanges) { clients.append("outside of the winner's loadBalancerSourceRanges") }
    if winner.limits.contains(.noLocalEndpoints) {
      clients.append("from outside of the cluster (the winner has externalTrafficPolicy Local and no endpoint here)")
    }
    return "clients \(clients.joined(separator: " and clients ")) reach \(next.port) instead"
  }

  /// `203.0.113.1:80/TCP is claimed by a/b:c (external IP) and d/e:f (external IP); a/b:c wins: …`
  package var description: String {
    "\(address) is claimed by \(AddressClash.list(claims[...])); \(winner.port) wins: \(reason)"
  }

  private static let shown = 8

  private static func list(_ claims: ArraySlice<AddressClaim>) -> String {
    let names = claims.prefix(shown).map(\.description)
    if claims.count > shown { return "\(names.joined(separator: ", ")) and \(claims.count - shown) more" }
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }
}
