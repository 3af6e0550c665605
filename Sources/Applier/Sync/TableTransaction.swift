import IPTables

/// Everything that one COMMIT changes in a table.
struct TableTransaction {
  /// A chain to be written.
  struct Write {
    let chain: Chain
    /// False where the chain exists and only gets more rules.
    let replaces: Bool
    let ruleCount: Int
    /// Its rules' lines, where these are kept in place of the rules.
    let lines: [UInt8]?

    /// - Parameter keepsLines: to wait for its transaction as text, which takes a third of the memory of rules.
    init(_ chain: Chain, replaces: Bool, keepsLines: Bool) {
      self.replaces = replaces
      ruleCount = chain.rules.count
      if keepsLines {
        var renderer = Renderer()
        for rule in chain.rules { renderer.append(rule, to: chain.name) }
        lines = renderer.take().withUnsafeBufferPointer { Array($0) }
        self.chain = Chain(chain.table, chain.name)
      } else {
        lines = nil
        self.chain = chain
      }
    }
  }

  var table: Table
  var writes: [Write] = []
  /// Chains to be made empty, because rules refer to them that are filled by a later transaction.
  var empties: [ChainName] = []
  /// Emptied first and then deleted.
  var removals: [ChainName] = []
  /// Emptied only: something foreign still refers to them.
  var flushes: [ChainName] = []
  /// Deleted; empty already.
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

  /// Writes the transaction in the order that costs the backend's iptables-restore least.
  func write(to writer: inout RestoreWriter, backend: Backend) throws {
    writer.begin(table)
    switch backend {
    case .nft: try writeDescending(to: &writer)
    case .legacy: try writeAscending(to: &writer)
    }
    for edit in jumps {
      for rule in edit.repair.removals { writer.remove(rule, from: edit.chain) }
      for rule in edit.repair.insertions { writer.insert(rule, into: edit.chain) }
    }
    for name in (removals + deletions).sorted(by: >) { try writer.delete(name) }
    try writer.commit()
  }

  /// iptables-nft walks a sorted list of the names seen so far for each name on a line, so small names should come
  /// last. Chains that jump to no other chain of the transaction (endpoints, by far the most) follow the declarations
  /// from the greatest to the smallest and so always stand near the list's head.
  private func writeDescending(to writer: inout RestoreWriter) throws {
    let names = Set(writes.lazy.filter(\.replaces).map(\.chain.name)).union(empties)
    let ordered = writes.sorted { $0.chain.name > $1.chain.name }
    func isLeaf(_ write: Write) -> Bool {
      write.replaces && !write.chain.rules.contains { $0.jumpTarget.map(names.contains) ?? false }
    }
    let leaves = ordered.filter(isLeaf)
    let others = ordered.filter { !isLeaf($0) }
    let declarations = others.filter(\.replaces).map(\.chain.name) + empties + removals + flushes
    for name in declarations.sorted(by: >) { try writer.declare(name) }
    for leaf in leaves {
      try writer.declare(leaf.chain.name)
      try writer.append(leaf)
    }
    for other in others { try writer.append(other) }
  }

  /// libiptc keeps its chains sorted and inserts fastest at the end.
  private func writeAscending(to writer: inout RestoreWriter) throws {
    let ordered = writes.sorted { $0.chain.name < $1.chain.name }
    let declarations = ordered.filter(\.replaces).map(\.chain.name) + empties + removals + flushes
    for name in declarations.sorted() { try writer.declare(name) }
    for write in ordered { try writer.append(write) }
  }
}
