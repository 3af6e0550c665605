import IPTables
import ServiceModel

/// What topology hints do on this node to the ready endpoints of one service port, for people who wonder where some of
/// them are. Hints count for traffic policy Cluster only.
public struct HintReport: Hashable, Sendable {
  /// A ready endpoint that is passed over here.
  public struct LeftOut: Hashable, Sendable {
    public let endpoint: SocketAddress
    /// The nodes or zones that its hints name.
    public let places: [String]
  }

  /// Hints that some ready endpoint has and that do not count.
  public struct Ignored: Hashable, Sendable {
    public let kind: HintKind
    public let reason: Reason
  }

  /// Why hints do not count. They do so all together or not at all.
  public enum Reason: Hashable, Sendable {
    /// These ready endpoints have none.
    case missing([SocketAddress])
    /// This node has no zone.
    case nodeWithoutZone
    /// No ready endpoint's hint is for this node, or for its zone.
    case noneForHere
  }

  /// The chain whose choice is narrowed.
  public let chain: ChainName
  public let nodeName: String
  /// nil if the node's label does not tell.
  public let zone: String?
  /// The kind of hints that decides here; nil if none does.
  public private(set) var inForce: HintKind?
  /// In the order of the rules.
  public private(set) var leftOut: [LeftOut] = []
  public private(set) var ignored: [Ignored] = []

  /// - Parameter slices: all of the Service in this family, ordered by name.
  public init(_ port: ServicePortName, slices: [EndpointSlice], options: PlannerOptions) {
    chain = ChainNaming.chain(.cluster, of: port)
    nodeName = options.nodeName
    zone = options.zone
    let topology = Topology(nodeName: options.nodeName, zone: options.zone)
    let ready = EndpointMerge(nodeName: options.nodeName, slices: slices)
      .endpoints(port: port.port, transport: port.transport).filter(\.isReady)
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
