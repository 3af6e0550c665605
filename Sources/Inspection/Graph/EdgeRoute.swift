/// The path of an edge through a picture. It is horizontal where it passes columns, so that it crosses no node.
struct EdgeRoute {
  struct Point {
    var x: Double
    var y: Double
  }

  let edge: ChainGraph.Edge
  private(set) var points: [Point] = []

  /// The routes of all edges.
  ///
  /// Edges to the same node arrive one below the other, in the order of the heights at which they begin.
  static func all(of graph: ChainGraph, in layout: GraphLayout) -> [EdgeRoute] {
    var columns = Columns(graph, layout)
    return Dictionary(grouping: graph.edges, by: \.to).sorted { $0.key < $1.key }.flatMap { target, edges in
      let box = layout.boxes[target] ?? GraphLayout.Box()
      let sorted = edges.sorted { one, other in
        let (first, second) = (layout.boxes[one.from]?.middle ?? 0, layout.boxes[other.from]?.middle ?? 0)
        return first == second ? one.from < other.from : first < second
      }
      return sorted.enumerated().map { index, edge in
        let entry = box.y + box.height / Double(sorted.count) * (Double(index) + 0.5)
        return EdgeRoute(edge, entry: entry, in: layout, &columns)
      }
    }
  }

  private init(_ edge: ChainGraph.Edge, entry: Double, in layout: GraphLayout, _ columns: inout Columns) {
    self.edge = edge
    guard let from = layout.boxes[edge.from], let to = layout.boxes[edge.to] else { return }
    // The last part is straight and carries the text.
    let textWidth = edge.texts.isEmpty ? 0 : GraphLayout.width(of: edge.text, size: 11) + 12
    let bend = max(from.right + 20, to.x - textWidth - 16)
    var passed: [Point] = []
    // From the target back to the source. In each column, takes the nearest height that is free.
    var y = entry
    for column in columns.between(edge).reversed() {
      y = columns.freeHeight(in: column, near: y)
      let area = columns.areas[column]
      passed += [Point(x: min(area.right + 14, bend), y: y), Point(x: area.x - 14, y: y)]
    }
    points = [Point(x: from.right, y: from.middle)] + passed.reversed()
    points += [Point(x: bend, y: entry), Point(x: to.x - 1, y: entry)]
  }

  /// The boxes in each column, and the heights at which edges already pass it.
  private struct Columns {
    private(set) var areas: [GraphLayout.Box] = []
    private let boxes: [[GraphLayout.Box]]
    private var taken: [[Double]]
    private let places: [String: Int]

    init(_ graph: ChainGraph, _ layout: GraphLayout) {
      let count = (graph.nodes.map(\.column).max() ?? -1) + 1
      boxes = (0..<count).map { column in
        graph.nodes.filter { $0.column == column }.compactMap { layout.boxes[$0.id] }
      }
      areas = boxes.map { $0.first ?? GraphLayout.Box() }
      taken = Array(repeating: [], count: count)
      places = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.column) })
    }

    func between(_ edge: ChainGraph.Edge) -> Range<Int> {
      let first = (places[edge.from] ?? 0) + 1
      return first..<max(first, places[edge.to] ?? 0)
    }

    mutating func freeHeight(in column: Int, near wish: Double) -> Double {
      func isFree(_ y: Double) -> Bool {
        y > 50 && !boxes[column].contains { $0.y - 9 < y && y < $0.bottom + 9 }
          && !taken[column].contains { abs($0 - y) < 5 }
      }
      for step in 0..<500 {
        for y in [wish + Double(step) * 3, wish - Double(step) * 3] where isFree(y) {
          taken[column].append(y)
          return y
        }
      }
      return wish
    }
  }
}
