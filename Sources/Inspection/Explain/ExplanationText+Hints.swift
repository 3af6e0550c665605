import Planner
import ServiceModel

/// Shows which endpoints topology hints exclude on this node, and why hints are not used.
extension ExplanationText {
  mutating func hints() {
    guard let hints = explanation.hints else { return }
    for ignored in hints.ignored {
      paragraph("\(ignored.kind.rawValue) hints are not used: \(ignored.reason)", indent: 2)
    }
    guard let kind = hints.inForce, let place = hints.place, !hints.leftOut.isEmpty else { return }
    let stay = kind == .node ? "on this node (\(place))" : "in this node's zone (\(place))"
    lines.append("  " + style.notable("not used here") + ": \(kind.rawValue) hints keep traffic \(stay)")
    let width = max(8, hints.leftOut.map(\.endpoint.description.count).max() ?? 0)
    for one in shown(hints.leftOut) {
      let node = one.node.map { ", runs on \($0)" } ?? ""
      let places = one.places.joined(separator: ", ")
      let start = "  \(one.endpoint.description.padded(width))  "
      let words = "for \(kind.rawValue) \(places)\(node)".wrapped(max(24, ExplanationText.width - start.count))
      lines.append(start + words[0])
      lines += words.dropFirst().map { String(repeating: " ", count: start.count) + $0 }
    }
    let rest = hints.leftOut.count - shown(hints.leftOut).count
    if rest > 0 { lines.append(style.quiet("  … \(rest) more (--verbose shows them)")) }
  }
}
