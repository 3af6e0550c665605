import IPTables

/// The rules of a chain that changed their places, for chains that are too long to search for the shortest edit. The
/// time grows with the length times its logarithm.
enum MovedRules {
  /// The fewest rules to move, each with its places before and after, in the order of the latter.
  ///
  /// Both lists have the same rules. Equal rules keep their order.
  static func find(from old: [Rule], to new: [Rule]) -> [(from: Int, to: Int)] {
    var places: [Rule: [Int]] = [:]
    for (index, rule) in old.enumerated().reversed() { places[rule, default: []].append(index) }
    let origins = new.compactMap { places[$0]?.popLast() }
    let kept = longestIncrease(origins)
    return origins.enumerated().filter { !kept.contains($0.offset) }.map { (from: $0.element, to: $0.offset) }
  }

  /// The indices of a longest subsequence whose values increase.
  private static func longestIncrease(_ values: [Int]) -> Set<Int> {
    // For each length, the index of the smallest value at which a subsequence of this length ends.
    var ends: [Int] = []
    var before: [Int?] = []
    for (index, value) in values.enumerated() {
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if values[ends[middle]] < value { low = middle + 1 } else { high = middle }
      }
      before.append(low > 0 ? ends[low - 1] : nil)
      if low == ends.count { ends.append(index) } else { ends[low] = index }
    }
    var kept: Set<Int> = []
    var next = ends.last
    while let index = next {
      kept.insert(index)
      next = before[index]
    }
    return kept
  }
}
