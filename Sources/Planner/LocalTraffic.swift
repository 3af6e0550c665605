import IPTables
import ServiceModel

/// How packets of this cluster's (or this node's) pods are told from others (`detectLocalMode`).
public enum LocalTraffic: Hashable, Sendable {
  /// They cannot be told: no rule depends on it.
  case unknown
  /// By source address: modes ClusterCIDR and NodeCIDR.
  case source(CIDR)
  /// By the interface they come in on: modes BridgeInterface and InterfaceNamePrefix.
  case interface(InterfacePattern)

  /// True for packets of pods; nil if they cannot be told.
  var ifLocal: Match? { match(negated: false) }

  /// True for all other packets; nil if they cannot be told.
  var ifNotLocal: Match? { match(negated: true) }

  private func match(negated: Bool) -> Match? {
    switch self {
    case .unknown: nil
    case .source(let cidr): .source(.network(cidr), negated: negated)
    case .interface(let pattern): .inInterface(pattern, negated: negated)
    }
  }
}
