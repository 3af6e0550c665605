import ServiceModel

/// A graph in the language of Graphviz.
package enum DOTGraph {
  package static func text(_ graph: ChainGraph) -> String {
    var lines = [
      "digraph rules {", "  rankdir=LR;", "  label=\(quoted("\(graph.family.rawValue) rules"));",
      "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11, fillcolor=\"#ffffff\"];",
      "  edge [fontname=\"Helvetica\", fontsize=10, color=\"#667085\"];",
    ]
    let outside = graph.nodes.filter { $0.label == nil }
    lines += outside.map { "  " + node($0) }
    for (index, (service, nodes)) in graph.nodesByService.enumerated() {
      lines.append("  subgraph cluster_\(index) {")
      lines.append("    label=\(quoted(service.description)); style=\"rounded\"; color=\"#d0d5dd\";")
      lines += nodes.map { "    " + node($0) }
      lines.append("  }")
    }
    for edge in graph.edges {
      let label = edge.texts.isEmpty ? "" : " [label=\(quoted(edge.text))]"
      lines.append("  \(quoted(edge.from)) -> \(quoted(edge.to))\(label);")
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  private static func node(_ node: ChainGraph.Node) -> String {
    let marks = node.masquerades.map { "masquerade: \($0)" }
    let label = ([node.title] + node.details + marks).joined(separator: "\n")
    return "\(quoted(node.id)) [label=\(quoted(label)), fillcolor=\"\(color(node.kind))\"];"
  }

  private static func color(_ kind: ChainGraph.Kind) -> String {
    switch kind {
    case .hook: "#f2f4f7"
    case .dispatch: "#eaf2ff"
    case .service: "#d6e6ff"
    case .endpoint: "#dcf5e3"
    case .verdict: "#fde2e0"
    }
  }

  private static func quoted(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line).visible.escaping("\\", "\"")
    }
    return "\"\(lines.joined(separator: "\\n"))\""
  }
}
