/// Says that the own Node does not exist, and which Node names are most similar to its name.
package struct MissingNode: Hashable, Sendable, CustomStringConvertible {
  package let name: String
  let nearest: [String]

  /// - Parameter nodes: the names of the known Nodes. From an API server the proxy only gets the own Node.
  package init(_ name: String, among nodes: some Sequence<String>) {
    self.name = name
    let wanted = Array(name.utf8)
    let ordered = nodes.map { (distance: MissingNode.distance(wanted, Array($0.utf8)), name: $0) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    nearest = ordered.prefix(3).map(\.name)
  }

  package var description: String {
    "there is no Node \(name)\(nearest.isEmpty ? "" : "; similar names are \(nearest.joined(separator: ", "))")"
  }

  /// Number of bytes that have to be changed, added or removed to turn one name into the other (Levenshtein distance).
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var row = Array(0...other.count)
    for (index, byte) in one.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, otherByte) in other.enumerated() {
        let substituted = diagonal + (byte == otherByte ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }
}
