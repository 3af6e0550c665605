import IPTables

/// Everything that one COMMIT changes in a table.
struct TableTransaction {
  /// A chain to write.
  struct Write {
    let chain: Chain
    /// False if the chain exists and only gets more rules.
    let replaces: Bool
    let ruleCount: Int
    /// Whether the rules are kept. If not, the plan makes them again when they are written.
    let isComplete: Bool

    /// - Parameter keepsRules: false to keep only the chain's name and the number of its rules until the transaction is
    ///   written.
    init(_ chain: Chain, replaces: Bool, keepsRules: Bool) {
      self.chain = keepsRules ? chain : Chain(chain.table, chain.name)
      self.replaces = replaces
      ruleCount = chain.rules.count
      isComplete = keepsRules
    }
  }

  /// Calls a body for each chain of the plan of this transaction.
  typealias Replay = @Sendable (_ body: (Chain) throws -> Void) throws -> Void

  var table: Table
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
    writes.isEmpty && empties.isEmpty && removals.isEmpty && flushes.isEmpty && deletions.isEmpty
      && jumps.allSatisfy(\.repair.isEmpty)
  }

  /// Writes the transaction in the order that takes the backend's iptables-restore the least time.
  ///
  /// - Parameter replay: for chains whose rules were not kept.
  func write(to writer: inout RestoreWriter, backend: Backend, replay: Replay? = nil) throws {
    writer.begin(table)
    switch backend {
    case .nft: try writeDescending(to: &writer)
    case .legacy: try writeAscending(to: &writer, replay)
    }
    for edit in jumps {
      for rule in edit.repair.removals { writer.remove(rule, from: edit.chain) }
      for rule in edit.repair.insertions { writer.insert(rule, into: edit.chain) }
    }
    for name in (removals + deletions).sorted(by: >) { try writer.delete(name) }
    try writer.commit()
  }

  /// For each name on a line, iptables-nft walks a sorted list of the names that it has seen. So names are declared
  /// from the greatest to the smallest. Rules keep the plan's order, in which the chains of a Service stand together.
  /// The kernel walks the rules in about the same order whenever a rule is added, so they should lie close together in
  /// memory.
  private func writeDescending(to writer: inout RestoreWriter) throws {
    for name in declarations.sorted(by: >) { try writer.declare(name) }
    for write in writes { try writer.append(write.chain) }
  }

  private var declarations: [ChainName] {
    writes.lazy.filter(\.replaces).map(\.chain.name) + empties + removals + flushes
  }

  /// libiptc keeps its chains sorted and inserts fastest at the end. It finds existing chains equally fast in any
  /// order.
  private func writeAscending(to writer: inout RestoreWriter, _ replay: Replay?) throws {
    for name in declarations.sorted() { try writer.declare(name) }
    for write in writes where write.isComplete { try writer.append(write.chain) }
    let awaited = Set(writes.lazy.filter { !$0.isComplete && $0.ruleCount > 0 }.map(\.chain.name))
    guard let replay, !awaited.isEmpty else { return }
    try replay { chain in
      if chain.table == table, awaited.contains(chain.name) { try writer.append(chain) }
    }
  }
}
