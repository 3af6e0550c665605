import IPTables
import ServiceModel

/// How the rules recognise packets from pods of this cluster or this node (`detectLocalMode`).
package enum LocalTraffic: Hashable, Sendable {
  /// The rules cannot recognise these packets. Rules that would have to recognise them are left out.
  case unknown
  /// By source address: modes ClusterCIDR and NodeCIDR.
  case source(CIDR)
  /// By the interface they come in on: modes BridgeInterface and InterfaceNamePrefix.
  case interface(InterfacePattern)

  /// Matches packets from pods; nil if the rules cannot recognise them.
  var ifLocal: Match? { match(negated: false) }

  /// Matches all other packets; nil if the rules cannot recognise packets from pods.
  var ifNotLocal: Match? { match(negated: true) }

  private func match(negated: Bool) -> Match? {
    switch self {
    case .unknown: nil
    case .source(let cidr): .source(.network(cidr), negated: negated)
    case .interface(let pattern): .inInterface(pattern, negated: negated)
    }
  }
}
