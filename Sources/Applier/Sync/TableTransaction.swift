import IPTables

/// Everything that one COMMIT changes in a table.
struct TableTransaction {
  /// A chain to write.
  struct Write {
    /// The chain with all its rules, or only with the rules that are added.
    let chain: Chain
    let way: WayToWrite

    /// If the chain has one rule more than in the kernel, only that rule is written.
    ///
    /// The other rules keep their counters, and the kernel frees no rule. After a replacement, iptables-nft-restore
    /// waits for about 10 ms when it closes its socket, until the kernel has freed the replaced rules.
    ///
    /// - Parameter old: the chain's rules in the kernel, in their order; nil if the chain or the order is not known.
    init(_ chain: Chain, replacing old: ChainRecord?) {
      guard let index = old?.indexOfAddedRule(in: chain.rules) else {
        (self.chain, way) = (chain, .replacing)
        return
      }
      self.chain = Chain(chain.table, chain.name, rules: [chain.rules[index]])
      way = index == chain.rules.count - 1 ? .appending : .inserting(at: index + 1)
    }

    /// - Parameter chain: the kernel has it. Its rules are not written.
    init(appending rules: [Rule], to chain: Chain) {
      self.chain = Chain(chain.table, chain.name, rules: rules)
      way = .appending
    }
  }

  enum WayToWrite: Equatable {
    /// The chain is created or emptied, and gets all its rules.
    case replacing
    /// The chain exists and gets rules after its other rules.
    case appending
    /// The chain exists and gets one rule at this place, counted from 1.
    case inserting(at: Int)
  }

  var table: Table
  /// Whether lines of this transaction were written before, so that the rest follows them (`SyncJob.stream`).
  var isBegun = false
  var writes: [Write] = []
  /// Chains to create empty, because rules refer to them and a later transaction fills them.
  var empties: [ChainName] = []
  /// Chains to empty and then delete.
  var removals: [ChainName] = []
  /// Chains to empty only, because foreign rules still refer to them.
  var flushes: [ChainName] = []
  /// Chains to delete that are already empty.
  var deletions: [ChainName] = []
  var jumps: [JumpEdit] = []

  struct JumpEdit {
    var chain: ChainName
    var repair: JumpRepair
  }

  var isEmpty: Bool {
    !isBegun && writes.isEmpty && empties.isEmpty && removals.isEmpty && flushes.isEmpty && deletions.isEmpty
      && jumps.allSatisfy(\.repair.isEmpty)
  }

  /// Writes the transaction in the order that takes the backend's iptables-restore the least time.
  func write(to writer: inout RestoreWriter, backend: Backend) throws {
    if !isBegun { writer.begin(table) }
    switch backend {
    case .nft: for name in declarations.sorted(by: >) { try writer.declare(name) }
    case .legacy: for name in declarations.sorted() { try writer.declare(name) }
    }
    for write in writes {
      if case .inserting(let place) = write.way {
        for rule in write.chain.rules { writer.insert(rule, into: write.chain.name, at: place) }
      } else {
        try writer.append(write.chain)
      }
    }
    for edit in jumps {
      for rule in edit.repair.removals { writer.remove(rule, from: edit.chain) }
      for rule in edit.repair.insertions { writer.insert(rule, into: edit.chain, at: 1) }
    }
    for name in (removals + deletions).sorted(by: >) { try writer.delete(name) }
    try writer.commit()
  }

  /// The names of the chains to create or empty.
  ///
  /// For each name on a line, iptables-nft walks a sorted list of the names that it has seen. So it gets the greatest
  /// name first. libiptc keeps its chains sorted and inserts fastest at the end, so legacy gets the smallest name
  /// first. The rules keep the plan's order for both, in which the chains of a Service stand together. With nf_tables,
  /// the kernel walks the rules in about the same order whenever a rule is added, so they should lie close together in
  /// memory.
  private var declarations: [ChainName] {
    writes.lazy.filter { $0.way == .replacing }.map(\.chain.name) + empties + removals + flushes
  }
}
