import ServiceModel

extension Rule {
  /// The form in which a planned rule equals the same rule as iptables-save prints it.
  ///
  /// The kernel keeps addresses, interfaces and the protocol apart from the match modules, so their order is lost. It
  /// does not keep a `/0`, which matches every packet, and it does not distinguish `-p tcp` from `-p tcp -m tcp`.
  package var canonical: Rule {
    var result: [Match] = []
    result.reserveCapacity(matches.count)
    for match in matches {
      guard let match = match.canonical else { continue }
      // The insertion keeps the order of matches of one kind. A rule has about five matches.
      var place = result.count
      while place > 0, result[place - 1].canonicalRank > match.canonicalRank { place -= 1 }
      result.insert(match, at: place)
    }
    return Rule(result, target)
  }
}

extension Match {
  /// nil for a condition that is always true, because the kernel does not keep it.
  fileprivate var canonical: Match? {
    switch self {
    case .source(let address, let negated):
      if !negated, address.cidr.prefixLength == 0 { return nil }
      return .source(address.canonical, negated: negated)
    case .destination(let address, let negated):
      if !negated, address.cidr.prefixLength == 0 { return nil }
      return .destination(address.canonical, negated: negated)
    case .protocolAlone(let transport): return .transport(transport)
    default: return self
    }
  }

  fileprivate var canonicalRank: Int {
    switch self {
    case .source: 0
    case .destination: 1
    case .inInterface: 2
    case .transport, .protocolAlone: 3
    case .destinationPort: 4
    case .comment: 5
    case .sourceType: 6
    case .destinationType: 7
    case .connectionState: 8
    case .mark: 9
    case .statistic: 10
    case .recentCheck: 11
    case .recentSet: 12
    case .accounting: 13
    case .sameAddresses: 14
    case .other: 15
    }
  }
}
