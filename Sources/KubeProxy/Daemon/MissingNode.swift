/// That there is no Node of the name that was looked for, and which names there are that are most like it.
public struct MissingNode: Hashable, Sendable, CustomStringConvertible {
  public let name: String
  public let nearest: [String]

  /// - Parameter nodes: the names that there are; an API server tells of the own Node only.
  public init(_ name: String, among nodes: some Sequence<String>) {
    self.name = name
    let wanted = Array(name.utf8)
    let ordered = nodes.map { (distance: MissingNode.distance(wanted, Array($0.utf8)), name: $0) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    nearest = ordered.prefix(3).map(\.name)
  }

  public var description: String {
    "there is no Node \(name)\(nearest.isEmpty ? "" : "; the nearest names are \(nearest.joined(separator: ", "))")"
  }

  /// How many characters have to be changed, added or left out to come from one to the other.
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
