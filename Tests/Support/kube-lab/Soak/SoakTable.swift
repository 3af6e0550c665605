import Foundation

/// The memory by number of changes. Each line is shown when it is measured.
struct SoakTable {
  /// The numbers of changes after which the memory is measured.
  static let marks: Set = [1000, 2000, 5000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000]

  private var rows: [(changes: Int, memory: ResidentMemory)] = []

  mutating func show(changes: Int, _ memory: ResidentMemory) {
    if rows.isEmpty { Screen.text("changes   allocated (RssAnon)   resident (VmRSS)") }
    Screen.text(
      String(
        format: "%7d %18.1f MB %15.1f MB", changes, Double(memory.anonymous) / 1024, Double(memory.total) / 1024))
    rows.append((changes, memory))
  }

  /// Describes the failure; nil if there is none. The first 1,000 changes allocate memory that every run needs once, so
  /// growth is measured after them.
  func failure(allocatedLimit: Double, growthLimit: Double) -> String? {
    let settled = rows.filter { $0.changes >= 1000 }
    if let row = rows.first(where: { Double($0.memory.anonymous) / 1024 > allocatedLimit }) {
      return "More than \(allocatedLimit) MB are allocated after \(row.changes) changes."
    }
    guard let first = settled.first, let last = settled.last else { return nil }
    let growth = Double(last.memory.anonymous - first.memory.anonymous) / 1024
    guard growth > growthLimit else { return nil }
    return "From \(first.changes) to \(last.changes) changes it grew by more than \(growthLimit) MB."
  }
}
