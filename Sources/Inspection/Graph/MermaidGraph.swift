import ServiceModel

/// A graph as Mermaid text, for issues and wikis.
package enum MermaidGraph {
  package static func text(_ graph: ChainGraph) -> String {
    let names = Dictionary(uniqueKeysWithValues: graph.nodes.enumerated().map { ($1.id, "n\($0)") })
    var lines = ["flowchart LR"]
    lines += graph.nodes.filter { $0.label == nil }.map { "  " + node($0, names) }
    for (index, (service, nodes)) in graph.nodesByService.enumerated() {
      lines.append("  subgraph s\(index)[\"\(escaped(service.description))\"]")
      lines += nodes.map { "    " + node($0, names) }
      lines.append("  end")
    }
    for edge in graph.edges {
      let label = edge.texts.isEmpty ? "" : "|\"\(escaped(edge.text))\"|"
      lines.append("  \(names[edge.from] ?? "") -->\(label) \(names[edge.to] ?? "")")
    }
    lines += [
      "  classDef hook fill:#f2f4f7,stroke:#98a2b3,color:#101828",
      "  classDef dispatch fill:#eaf2ff,stroke:#84adff,color:#101828",
      "  classDef service fill:#d6e6ff,stroke:#2970ff,color:#101828",
      "  classDef endpoint fill:#dcf5e3,stroke:#16a34a,color:#101828",
      "  classDef verdict fill:#fde2e0,stroke:#d92d20,color:#101828",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func node(_ node: ChainGraph.Node, _ names: [String: String]) -> String {
    let marks = node.masquerades.map { "masquerade: \($0)" }
    let label = ([node.title] + node.details + marks).map(escaped).joined(separator: "<br>")
    return "\(names[node.id] ?? "")[\"\(label)\"]:::\(node.kind.rawValue)"
  }

  /// Mermaid's own entities: `#quot;` and numbers of characters.
  private static func escaped(_ text: String) -> String {
    text.visible.unicodeScalars.map { character in
      switch character {
      case "\"": "#quot;"
      case "<": "#lt;"
      case ">": "#gt;"
      case "#": "#35;"
      case "&": "#amp;"
      default: String(character)
      }
    }.joined()
  }
}
