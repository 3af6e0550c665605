import IPTables
import ServiceModel

/// What topology hints do on this node to the ready endpoints of one service port. It explains why some endpoints get
/// no traffic from this node. Hints apply to traffic policy Cluster only.
package struct HintReport: Hashable, Sendable {
  /// A ready endpoint that this node does not use.
  package struct LeftOut: Hashable, Sendable {
    package let endpoint: SocketAddress
    /// The nodes or zones that its hints name.
    package let places: [String]
  }

  /// Hints that some ready endpoints have and that the proxy ignores.
  package struct Ignored: Hashable, Sendable {
    package let kind: HintKind
    package let reason: Reason
  }

  /// Why the proxy ignores hints of a kind. It uses them only if all ready endpoints have one.
  package enum Reason: Hashable, Sendable {
    /// These ready endpoints have no hint of this kind.
    case missing([SocketAddress])
    /// This node has no zone.
    case nodeWithoutZone
    /// No ready endpoint has a hint for this node, or for its zone.
    case noneForHere
  }

  /// The chain whose choice the hints narrow.
  package let chain: ChainName
  package let nodeName: String
  /// nil if the node has no zone label.
  package let zone: String?
  /// The kind of hints that applies here; nil if none does.
  package private(set) var inForce: HintKind?
  /// In the order of the rules.
  package private(set) var leftOut: [LeftOut] = []
  package private(set) var ignored: [Ignored] = []

  /// - Parameter slices: all slices of the Service in this family, ordered by name.
  package init(_ port: ServicePortName, slices: [EndpointSlice], options: PlannerOptions) {
    chain = ChainNaming.chain(.cluster, of: port)
    nodeName = options.nodeName
    zone = options.zone
    let topology = Topology(nodeName: options.nodeName, zone: options.zone)
    let ready = PlannedEndpoints(nodeName: options.nodeName, slices: slices)
      .behind(port: port.port, transport: port.transport).filter(\.isReady)
    for kind in HintKind.allCases where ready.contains(where: { !$0.hints(kind).isEmpty }) {
      let reason: Reason
      switch topology.use(of: kind, among: ready) {
      case .inForce:
        inForce = kind
        leftOut = ready.filter { !topology.admits($0, by: kind) }.map {
          LeftOut(endpoint: $0.socket, places: $0.hints(kind))
        }
        return
      case .incomplete: reason = .missing(ready.filter { $0.hints(kind).isEmpty }.map(\.socket))
      case .placeUnknown: reason = .nodeWithoutZone
      case .elsewhere: reason = .noneForHere
      }
      ignored.append(Ignored(kind: kind, reason: reason))
    }
  }
}
