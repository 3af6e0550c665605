import IPTables

/// The edits that bring our jumps in a built-in chain into their order, in front of the rules there.
///
/// Foreign rules may stand anywhere between them, as with kube-proxy: somebody who inserts a rule before ours means it.
/// A jump that is there and in order stays, with its counters. kubelet makes the jump to KUBE-FIREWALL too: wherever
/// that one stands, it stays.
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
    let settled = wanted.filter { $0.mayStandAnywhere && present.contains($0.canonical) }
    for rule in settled {
      let same = rule.canonical
      removals += Array(repeating: rule, count: present.count { $0 == same } - 1)
    }
    let ordered = wanted.filter { !settled.contains($0) }
    arrange(present, ordered)
  }

  private mutating func arrange(_ present: [Rule], _ wanted: [Rule]) {
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

  /// What is in the chain afterwards.
  func result(on present: [Rule]) -> [Rule] {
    var rules = present
    for rule in removals {
      if let place = rules.firstIndex(of: rule.canonical) { rules.remove(at: place) }
    }
    for rule in insertions { rules.insert(rule.canonical, at: 0) }
    return rules
  }
}
