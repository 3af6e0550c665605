import Foundation
import Lab

/// The memory by number of changes. Each line is shown when it is measured.
struct SoakTable {
  /// The first changes allocate memory that every run needs once, so growth is measured after so many.
  static let settled = 1000
  /// The numbers of changes after which the memory is measured.
  static let marks: Set = [settled, 2000, 5000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000]

  struct Row {
    let changes: Int
    let proxy: ResidentMemory
    let shadow: ResidentMemory
  }

  private var rows: [Row] = []
  /// How often the shadow compared the rules of one family.
  var comparisons = 0
  /// What the shadow logged as warnings or errors.
  var warnings: [String] = []

  mutating func show(_ row: Row) {
    if rows.isEmpty {
      Screen.text("changes   allocated (RssAnon)   resident (VmRSS)   shadow: allocated         resident")
    }
    let sizes = [row.proxy.anonymous, row.proxy.total, row.shadow.anonymous, row.shadow.total]
      .map { Double($0) / 1024 }
    Screen.text(
      String(
        format: "%7d %18.1f MB %15.1f MB %17.1f MB %13.1f MB", row.changes, sizes[0], sizes[1], sizes[2], sizes[3]))
    rows.append(row)
  }

  /// Describes the failure; nil if there is none.
  func failure(allocatedLimit: Double, growthLimit: Double) -> String? {
    if !warnings.isEmpty {
      return "The shadow reported what is no difference:\n" + warnings.joined(separator: "\n")
    }
    return failure("The proxy", \.proxy, allocatedLimit, growthLimit)
      ?? failure("The shadow", \.shadow, allocatedLimit, growthLimit)
  }

  private func failure(
    _ name: String, _ memory: KeyPath<Row, ResidentMemory>, _ allocatedLimit: Double, _ growthLimit: Double
  ) -> String? {
    if let row = rows.first(where: { Double($0[keyPath: memory].anonymous) / 1024 > allocatedLimit }) {
      return "\(name) has allocated more than \(allocatedLimit) MB after \(row.changes) changes."
    }
    let settled = rows.filter { $0.changes >= SoakTable.settled }
    guard let first = settled.first, let last = settled.last else { return nil }
    let growth = Double(last[keyPath: memory].anonymous - first[keyPath: memory].anonymous) / 1024
    guard growth > growthLimit else { return nil }
    return "From \(first.changes) to \(last.changes) changes \(name.lowercased()) grew by more than \(growthLimit) MB."
  }
}
