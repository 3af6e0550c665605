import IPTables
import ServiceModel

/// The service proxy's chains as a graph: hooks, dispatch, Services, endpoints, and the jumps between them.
package struct ChainGraph: Sendable {
  package enum Kind: String, Sendable {
    case hook, dispatch, service, endpoint, verdict
  }

  package struct Node: Sendable {
    package let id: String
    package let kind: Kind
    package let title: String
    /// Smaller text below the title.
    package var details: [String] = []
    /// Which packets are marked for masquerading here; empty for none.
    package var masquerades: [String] = []
    /// The Service port that the node belongs to; nil for none.
    package let label: ServiceLabel?
    /// How far it is from the hooks: nodes of one column stand below each other.
    package var column = 0
  }

  package struct Edge: Sendable {
    package let from: String
    package let to: String
    /// The labels of the edge: destinations, sources, probabilities.
    package var texts: [String]

    /// The texts, shortened where there are many.
    package var text: String {
      texts.count <= 3
        ? texts.joined(separator: ", ") : "\(texts.prefix(2).joined(separator: ", ")), … (\(texts.count))"
    }
  }

  package let family: IPFamily
  /// Hooks first, then in the order in which jumps lead to them.
  package internal(set) var nodes: [Node] = []
  package internal(set) var edges: [Edge] = []

  init(family: IPFamily) { self.family = family }

  /// The nodes of each Service, sorted by Service. Nodes that belong to no Service are left out.
  var nodesByService: [(service: NamespacedName, nodes: [Node])] {
    let groups = Dictionary(grouping: nodes.filter { $0.label != nil }) { $0.label!.service }
    return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The Services of the graph, sorted.
  package var services: [NamespacedName] { Set(nodes.compactMap(\.label?.service)).sorted() }
}
