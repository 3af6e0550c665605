import IPTables

/// The edits that put the proxy's jumps in a built-in chain in their order, before the rules that are there.
///
/// Like kube-proxy, it accepts foreign rules between the jumps, because a program that inserts a rule before them does
/// so on purpose. A jump that is in order stays, with its counters. The kubelet also creates the jump to KUBE-FIREWALL,
/// so that jump stays wherever it is.
struct JumpRepair: Equatable {
  /// Rules to delete with `-D`, one for each occurrence.
  var removals: [Rule] = []
  /// Rules to insert with `-I`. Each one is inserted before the previous one.
  var insertions: [Rule] = []

  var isEmpty: Bool { removals.isEmpty && insertions.isEmpty }

  /// - Parameters:
  ///   - present: the rules in the chain that jump to the proxy's chains, first to last, in canonical form.
  ///   - wanted: the proxy's jumps in their order.
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
    // Rules are only inserted at the front, so the jumps that can stay are the last ones of `wanted` that are in order.
    // Of duplicates the last one stays, because -D deletes the first one.
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

  /// The rules of the chain after the edits.
  func result(on present: [Rule]) -> [Rule] {
    var rules = present
    for rule in removals {
      if let place = rules.firstIndex(of: rule.canonical) { rules.remove(at: place) }
    }
    for rule in insertions { rules.insert(rule.canonical, at: 0) }
    return rules
  }
}
