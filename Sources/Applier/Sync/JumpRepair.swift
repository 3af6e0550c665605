import IPTables

/// The edits that bring our jumps in a built-in chain into their order, in front of the rules there.
///
/// Foreign rules may stand anywhere between them, as with kube-proxy: somebody who inserts a rule before ours means it.
/// A jump that is there and in order stays, with its counters.
struct JumpRepair: Equatable {
  /// To be deleted with `-D`, one for each occurrence.
  var removals: [Rule] = []
  /// To be inserted with `-I`, each in front of the one before.
  var insertions: [Rule] = []

  var isEmpty: Bool { removals.isEmpty && insertions.isEmpty }

  /// - Parameters:
  ///   - present: the rules in the chain that jump to chains of ours, first to last, canonical.
  ///   - wanted: our jumps in their order.
  init(present: [Rule], wanted: [Rule]) {
    // As rules go in at the front only, what can stay is a tail of `wanted` that is in order. Of duplicates the last
    // one is kept, as -D deletes the first.
    var kept = wanted.count
    var bound = present.count
    while kept > 0, let place = present.lastIndex(of: wanted[kept - 1].canonical), place < bound {
      kept -= 1
      bound = place
    }
    for (index, rule) in wanted.enumerated() {
      let same = rule.canonical
      let occurrences = present.count { $0 == same }
      let surplus = index < kept ? occurrences : occurrences - 1
      removals += Array(repeating: rule, count: max(0, surplus))
    }
    insertions = wanted[..<kept].reversed()
  }
}
