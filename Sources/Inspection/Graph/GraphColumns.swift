import IPTables

/// Puts nodes into columns: hooks, dispatch by depth, firewall, outside, choice by depth, endpoints and verdicts.
enum GraphColumns {
  static func assign(_ graph: inout ChainGraph) {
    var depths: [String: Int] = [:]
    let kinds = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.kind) })
    let edges = Dictionary(grouping: graph.edges, by: \.from)
    // A node's column is its longest distance from a hook, so that no edge points back. There are few columns, so this
    // takes few rounds.
    for node in graph.nodes where node.kind == .hook { depths[node.id] = 0 }
    var front = graph.nodes.filter { $0.kind == .hook }.map(\.id)
    var rounds = 0
    while !front.isEmpty, rounds < 64 {
      rounds += 1
      var next: [String] = []
      for id in front {
        for edge in edges[id] ?? [] where (depths[edge.to] ?? -1) < depths[id, default: 0] + 1 {
          depths[edge.to] = depths[id, default: 0] + 1
          next.append(edge.to)
        }
      }
      front = next
    }
    let lastDispatch = depths.filter { kinds[$0.key] == .dispatch }.map(\.value).max() ?? 0
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      let depth = depths[node.id] ?? 0
      switch node.kind {
      case .hook: graph.nodes[index].column = 0
      case .dispatch: graph.nodes[index].column = depth
      case .service: graph.nodes[index].column = lastDispatch + 1 + rank(node.title)
      case .endpoint, .verdict: graph.nodes[index].column = Int.max
      }
    }
    settleGroups(&graph, edges)
    compress(&graph)
  }

  private static func rank(_ title: String) -> Int {
    switch ChainName(title).prefix {
    case .firewall: 0
    case .external: 1
    default: 2
    }
  }

  /// A chain that chooses among groups of endpoints stands before the groups' chains.
  private static func settleGroups(_ graph: inout ChainGraph, _ edges: [String: [ChainGraph.Edge]]) {
    let places = Dictionary(uniqueKeysWithValues: graph.nodes.enumerated().map { ($1.id, $0) })
    for index in graph.nodes.indices where graph.nodes[index].kind == .service {
      for edge in edges[graph.nodes[index].id] ?? [] {
        guard let target = places[edge.to], graph.nodes[target].kind == .service else { continue }
        graph.nodes[target].column = max(graph.nodes[target].column, graph.nodes[index].column + 1)
      }
    }
  }

  /// Leaves no column empty.
  private static func compress(_ graph: inout ChainGraph) {
    let used = Set(graph.nodes.map(\.column)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    for index in graph.nodes.indices { graph.nodes[index].column = numbers[graph.nodes[index].column] ?? 0 }
  }
}
