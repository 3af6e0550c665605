import ServiceModel

/// The positions of a graph's nodes in pixels. Columns go from left to right, and each Service has a lane of its own.
struct GraphLayout {
  struct Box {
    var x = 0.0
    var y = 0.0
    var width = 0.0
    var height = 0.0

    var middle: Double { y + height / 2 }
    var right: Double { x + width }
    var bottom: Double { y + height }
  }

  /// The part of the picture that belongs to one Service.
  struct Lane {
    let service: NamespacedName
    var box: Box
  }

  private(set) var boxes: [String: Box] = [:]
  private(set) var lanes: [Lane] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  static let margin = 24.0
  static let lineHeight = 15.0
  static let titleHeight = 18.0
  private static let gap = 12.0
  private static let laneGap = 18.0
  private static let laneTitle = 24.0
  private static let header = 44.0

  /// The edges by the node at which they begin.
  private let outgoing: [String: [ChainGraph.Edge]]

  init(_ graph: ChainGraph) {
    outgoing = Dictionary(grouping: graph.edges, by: \.from)
    let incoming = Dictionary(grouping: graph.edges, by: \.to).mapValues(\.count)
    for node in graph.nodes { boxes[node.id] = GraphLayout.size(node, incoming: incoming[node.id] ?? 0) }
    placeColumns(graph)
    var top = GraphLayout.header + GraphLayout.margin
    for (service, nodes) in graph.nodesByService {
      let bottom = place(nodes, from: top + GraphLayout.laneTitle)
      addLane(service, nodes, top: top, bottom: bottom)
      top = bottom + GraphLayout.laneGap * 2
    }
    placeOutside(graph)
    width = (boxes.values.map(\.right).max() ?? 0) + GraphLayout.margin * 2
    height = (boxes.values.map(\.bottom).max() ?? 0) + GraphLayout.margin * 2 + GraphLayout.laneGap
  }

  /// Width of a text in the fonts of the picture.
  static func width(of text: String, size: Double) -> Double { Double(text.count) * size * 0.6 }

  private static func size(_ node: ChainGraph.Node, incoming: Int) -> Box {
    let pills = node.masquerades.map { "masquerade: \($0)" }
    let widest =
      ([width(of: node.title, size: 12.5)] + (node.details + pills).map { width(of: $0, size: 11) + 14 }).max() ?? 0
    let lines = Double(node.details.count) * lineHeight + Double(pills.count) * (lineHeight + 5)
    let height = max(titleHeight + lines + 14, Double(incoming) * lineHeight + 8)
    return Box(width: widest + 24, height: height)
  }

  private mutating func placeColumns(_ graph: ChainGraph) {
    let count = (graph.nodes.map(\.column).max() ?? 0) + 1
    let columns = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.column) })
    var x = GraphLayout.margin
    for column in 0..<count {
      let ids = graph.nodes.filter { $0.column == column }.map(\.id)
      let widest = ids.compactMap { boxes[$0]?.width }.max() ?? 0
      // Texts stand before the node that an edge leads to.
      let texts = graph.edges.filter { columns[$0.to] == column }.map { GraphLayout.width(of: $0.text, size: 11) }
      if column > 0 { x += (texts.max() ?? 0) + 58 }
      for id in ids {
        boxes[id]?.x = x
        boxes[id]?.width = widest
      }
      x += widest
    }
  }

  /// Places one Service's nodes from the last column to the first, each at the middle height of the nodes it leads to.
  private mutating func place(_ nodes: [ChainGraph.Node], from top: Double) -> Double {
    var bottom = top
    for column in Set(nodes.map(\.column)).sorted(by: >) {
      let members = nodes.filter { $0.column == column }
      let wishes = members.map { node in (node.id, middle(of: node.id)) }
      var y = top
      let sorted = wishes.enumerated().sorted { ($0.element.1 ?? -1, $0.offset) < ($1.element.1 ?? -1, $1.offset) }
      for (_, (id, wish)) in sorted {
        let height = boxes[id]?.height ?? 0
        let place = max(y, (wish ?? y + height / 2) - height / 2)
        boxes[id]?.y = place
        y = place + height + GraphLayout.gap
      }
      bottom = max(bottom, y - GraphLayout.gap)
    }
    return bottom
  }

  /// The middle of the nodes that this one leads to; nil if there are none.
  private func middle(of id: String) -> Double? {
    let targets = (outgoing[id] ?? []).compactMap { boxes[$0.to] }.filter { $0.y > 0 }
    guard let top = targets.map(\.y).min(), let bottom = targets.map(\.bottom).max() else { return nil }
    return (top + bottom) / 2
  }

  private mutating func placeOutside(_ graph: ChainGraph) {
    let nodes = graph.nodes.filter { $0.label == nil }
    _ = place(nodes, from: GraphLayout.header + GraphLayout.margin)
  }

  private mutating func addLane(_ service: NamespacedName, _ nodes: [ChainGraph.Node], top: Double, bottom: Double) {
    let members = nodes.compactMap { boxes[$0.id] }
    let left = (members.map(\.x).min() ?? 0) - 8
    let right = (members.map(\.right).max() ?? 0) + 14
    lanes.append(
      Lane(service: service, box: Box(x: left, y: top - 4, width: right - left, height: bottom - top + 18)))
  }
}
