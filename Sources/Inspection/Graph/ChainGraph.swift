import IPTables
import ServiceModel

/// The service proxy's chains as a graph: hooks, dispatch, Services, endpoints, and the jumps between them.
public struct ChainGraph: Sendable {
  public enum Kind: String, Sendable {
    case hook, dispatch, service, endpoint, verdict
  }

  public struct Node: Sendable {
    public let id: String
    public let kind: Kind
    public let title: String
    /// Smaller text below the title.
    public var details: [String] = []
    /// Which packets are marked for masquerading here; empty for none.
    public var masquerades: [String] = []
    /// The Service whose node it is.
    public let label: ServiceLabel?
    /// How far it is from the hooks: nodes of one column stand below each other.
    public var column = 0
  }

  public struct Edge: Sendable {
    public let from: String
    public let to: String
    /// What is written on it: destinations, sources, probabilities.
    public var texts: [String]

    /// The texts, shortened where there are many.
    public var text: String {
      texts.count <= 3
        ? texts.joined(separator: ", ") : "\(texts.prefix(2).joined(separator: ", ")), … (\(texts.count))"
    }
  }

  public let family: IPFamily
  /// Hooks first, then in the order in which jumps lead to them.
  public internal(set) var nodes: [Node] = []
  public internal(set) var edges: [Edge] = []

  init(family: IPFamily) { self.family = family }

  /// The nodes of each Service, in its order; what belongs to no Service is left out.
  var nodesByService: [(service: NamespacedName, nodes: [Node])] {
    let groups = Dictionary(grouping: nodes.filter { $0.label != nil }) { $0.label!.service }
    return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The Services in it, in order.
  public var services: [NamespacedName] { Set(nodes.compactMap(\.label?.service)).sorted() }
}
