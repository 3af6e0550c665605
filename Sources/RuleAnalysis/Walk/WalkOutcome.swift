import IPTables
import ServiceModel

/// How a path ends.
package enum WalkVerdict: Hashable, Sendable {
  /// The packet passes all rules and goes to its destination.
  case delivered
  /// The packet is rejected with an ICMP error or a TCP reset.
  case rejected
  case dropped
  case undecided(Doubt)
}

/// The source address that the destination sees.
package enum SeenSource: Hashable, Sendable {
  /// The packet's own source address.
  case kept(IPAddress)
  /// An address of this host on the interface that the packet leaves by.
  case masqueraded
  /// The address that a foreign SNAT rule sets, as the rule spells it.
  case translated(String)
}

/// One path that a packet can take, and its end.
package struct WalkOutcome: Sendable {
  /// The probability of this path. The probabilities of all paths of a packet add up to 1.
  package let probability: Double
  package let verdict: WalkVerdict
  /// The destination after destination NAT, if there was any.
  package let destination: SocketAddress
  package let isTranslated: Bool
  package let source: SeenSource
  package let mark: UInt32
  /// Whether the destination is on this host.
  package let isLocal: Bool
  /// Lists of `-m recent` that the source address was put on.
  package let joinedLists: Set<ChainName>
  /// The assumptions made on the path.
  package let assumptions: [Doubt]
  package let trace: WalkTrace
}

/// All outcomes that differ only in their path, combined.
package struct WalkResult: Hashable, Sendable {
  package var verdict: WalkVerdict
  package var destination: SocketAddress
  package var isTranslated: Bool
  package var source: SeenSource
  package var probability: Double

  package init(
    _ verdict: WalkVerdict, _ destination: SocketAddress, isTranslated: Bool, source: SeenSource, probability: Double
  ) {
    self.verdict = verdict
    self.destination = destination
    self.isTranslated = isTranslated
    self.source = source
    self.probability = probability
  }
}

extension Sequence<WalkOutcome> {
  /// The probability of each result, in the order in which results first occur.
  package var results: [WalkResult] {
    var places: [WalkResult: Int] = [:]
    var results: [WalkResult] = []
    for outcome in self {
      var result = WalkResult(
        outcome.verdict, outcome.destination, isTranslated: outcome.isTranslated, source: outcome.source, probability: 0
      )
      if let place = places[result] {
        results[place].probability += outcome.probability
      } else {
        places[result] = results.count
        result.probability = outcome.probability
        results.append(result)
      }
    }
    return results
  }
}
