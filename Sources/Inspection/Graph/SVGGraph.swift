import Markup
import ServiceModel

/// A graph as one SVG file without references to others. It follows the reader's light or dark colour scheme.
package struct SVGGraph {
  private let graph: ChainGraph
  private let layout: GraphLayout
  private var picture: HTML = ""

  private init(_ graph: ChainGraph) {
    self.graph = graph
    layout = GraphLayout(graph)
  }

  /// The SVG document. Graphs without a node say so.
  package static func text(_ graph: ChainGraph) -> String {
    var drawing = SVGGraph(graph)
    drawing.draw()
    return drawing.picture.markup
  }

  private mutating func draw() {
    let width = max(480, Int(layout.width))
    let height = max(120, Int(layout.height))
    picture += """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
      role="img">
      <title>\(graph.family.rawValue) rules of the service proxy</title>
      <style>\(SVGGraph.style)</style>
      <rect class="ground" width="\(width)" height="\(height)"/>
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
      <path class="arrow" d="M0 0L8 4L0 8z"/></marker></defs>

      """
    text(graph.family.rawValue + (graph.nodes.isEmpty ? ": no rule leads to a Service" : ""), x: 24, y: 32, "heading")
    legend(width)
    for lane in layout.lanes { draw(lane) }
    for route in EdgeRoute.all(of: graph, in: layout) { draw(route) }
    for node in graph.nodes { draw(node) }
    picture += "</svg>\n"
  }

  private mutating func draw(_ lane: GraphLayout.Lane) {
    rect(lane.box, "lane", radius: 10)
    text(lane.service.description, x: lane.box.x + 12, y: lane.box.y + 19, "service-name")
  }

  private mutating func legend(_ width: Int) {
    guard graph.nodes.contains(where: { !$0.masquerades.isEmpty }) else { return }
    let words = "packets marked here get this node's address as source in POSTROUTING"
    let x = 120.0
    pill("masquerade", x: x, y: 19)
    text(words, x: x + GraphLayout.width(of: "masquerade", size: 11) + 22, y: 32, "detail")
  }

  private mutating func draw(_ route: EdgeRoute) {
    guard let first = route.points.first else { return }
    var path: HTML = "M\(first.x) \(first.y)"
    for (from, to) in zip(route.points, route.points.dropFirst()) {
      if from.y == to.y {
        path += "L\(to.x) \(to.y)"
      } else {
        let middle = (from.x + to.x) / 2
        path += "C\(middle) \(from.y) \(middle) \(to.y) \(to.x) \(to.y)"
      }
    }
    picture += "<path class=\"edge\" d=\"\(path)\" marker-end=\"url(#arrow)\"/>\n"
    if let last = route.points.last, !route.edge.texts.isEmpty {
      text(route.edge.text, x: last.x - 13, y: last.y - 4, "edge-text")
    }
  }

  private mutating func draw(_ node: ChainGraph.Node) {
    guard let box = layout.boxes[node.id] else { return }
    rect(box, "node \(node.kind.rawValue)\(node.title == "accepted" ? " accepted" : "")", radius: 6)
    var y = box.y + 20
    text(node.title, x: box.x + 12, y: y, "title")
    for detail in node.details {
      y += GraphLayout.lineHeight
      text(detail, x: box.x + 12, y: y, "detail")
    }
    for masquerade in node.masquerades {
      pill("masquerade: \(masquerade)", x: box.x + 10, y: y + 6)
      y += GraphLayout.lineHeight + 5
    }
  }

  private mutating func pill(_ words: String, x: Double, y: Double) {
    let width = GraphLayout.width(of: words, size: 11) + 12
    rect(GraphLayout.Box(x: x, y: y, width: width, height: 17), "pill", radius: 8.5)
    text(words, x: x + 6, y: y + 12.5, "pill-text")
  }

  private mutating func rect(_ box: GraphLayout.Box, _ style: String, radius: Double) {
    picture += """
      <rect class="\(style)" x="\(box.x)" y="\(box.y)" width="\(box.width)" height="\(box.height)" rx="\(radius)"/>

      """
  }

  private mutating func text(_ words: String, x: Double, y: Double, _ style: String) {
    picture += "<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\">\(words)</text>\n"
  }

  private static let style: HTML = """
    text{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#101828}\
    .ground{fill:#fff}.heading{font-size:16px;font-weight:bold}.title{font-size:12.5px;font-weight:bold}\
    .detail{font-size:11px;fill:#475467}.service-name{font-size:13px;font-weight:bold;fill:#344054}\
    .edge{fill:none;stroke:#98a2b3;stroke-width:1.3}.arrow{fill:#98a2b3}\
    .edge-text{font-size:11px;fill:#475467;text-anchor:end}.lane{fill:#f9fafb;stroke:#e4e7ec}\
    .node{stroke-width:1.2}.hook{fill:#f2f4f7;stroke:#98a2b3}.dispatch{fill:#eef4ff;stroke:#84adff}\
    .service{fill:#dbe8ff;stroke:#2970ff}.endpoint{fill:#dcf5e3;stroke:#16a34a}.verdict{fill:#fee4e2;stroke:#d92d20}\
    .accepted{fill:#dcf5e3;stroke:#16a34a}.pill{fill:#fef0c7;stroke:#dc9b04}.pill-text{font-size:11px;fill:#7a4100}\
    @media (prefers-color-scheme:dark){text{fill:#f2f4f7}.ground{fill:#0c111d}.detail,.edge-text{fill:#b0b8c6}\
    .service-name{fill:#d0d5dd}.edge{stroke:#667085}.arrow{fill:#667085}.lane{fill:#141a29;stroke:#28314a}\
    .hook{fill:#1d2536;stroke:#667085}.dispatch{fill:#14233f;stroke:#3b6fd4}.service{fill:#17305f;stroke:#5b8def}\
    .endpoint,.accepted{fill:#11331f;stroke:#2f9e5b}.verdict{fill:#43191a;stroke:#e0554a}\
    .pill{fill:#4a3306;stroke:#b9840b}.pill-text{fill:#fedf89}}
    """
}
