import IPTables

extension SyncJob {
  /// The last transactions: they change all rules that packets meet, and delete what is no longer planned.
  mutating func finish(removing stale: [ChainKey], jumps: [BuiltInJump]?) throws {
    var removals: [Table: [ChainName]] = [:]
    var flushes: [Table: [ChainName]] = [:]
    for key in stale {
      if image.foreignTargets.contains(key) {
        // The chain stays, but empty. A foreign rule refers to it, so deleting it would make the whole restore fail.
        guard image[key]?.ruleCount != 0 else { continue }
        flushes[key.table, default: []].append(key.name)
        update.set(ChainRecord(), for: key)
      } else {
        removals[key.table, default: []].append(key.name)
        update.removed.append(key)
      }
    }
    let deletesLater = isStaging || stale.count > policy.singleTransactionChains
    for table in [Table.nat, .filter, .mangle] {
      var flip = TableTransaction(table: table)
      flip.isBegun = isStreaming && streams(table)
      flip.writes = pending[table]?.takeAll() ?? []
      try checkTargets(of: flip)
      keepLingering(&flip)
      flip.jumps = jumps.map { edits(of: table, wanted: $0) } ?? []
      if !deletesLater {
        flip.removals = removals[table] ?? []
        flip.flushes = flushes[table] ?? []
      }
      try send(flip)
    }
    for transaction in afterFlip { try send(transaction) }
    pending = [:]
    if deletesLater {
      for table in Table.allCases {
        let deletions = TableTransaction.deletions(
          of: removals[table] ?? [], flushing: flushes[table] ?? [], in: table, size: policy.deletionBatch)
        for transaction in deletions {
          try writer.endPart(after: policy.processJumps)
          try send(transaction)
        }
      }
    }
    try writer.finish()
    report.bytes = writer.bytes
    report.transactions = writer.transactions
  }

  /// Lets the flip write the chains that lose their lingering rules with these rules.
  private mutating func keepLingering(_ flip: inout TableTransaction) {
    for index in flip.writes.indices where flip.writes[index].way == .replacing {
      flip.writes[index] = .init(keepingLingering(flip.writes[index].chain), replacing: nil)
    }
  }

  /// The chain as the flip writes it. If it loses its lingering rules in this sync, it keeps them there, and is written
  /// again after the flip. On legacy, that is another replacement of the whole table.
  mutating func keepingLingering(_ chain: Chain) -> Chain {
    let key = ChainKey(chain.table, chain.name)
    guard let rules = lingering[key], image[key].map({ Int($0.ruleCount) }) == chain.rules.count + rules.count else {
      return chain
    }
    afterFlip.append(TableTransaction(table: chain.table, writes: [.init(chain, replacing: nil)]))
    return Chain(chain.table, chain.name, rules: rules + chain.rules)
  }

  private mutating func edits(of table: Table, wanted: [BuiltInJump]) -> [TableTransaction.JumpEdit] {
    var edits: [TableTransaction.JumpEdit] = []
    for chain in ChainName.builtIn(table) {
      let key = ChainKey(table, chain)
      let rules = wanted.filter { $0.table == table && $0.chain == chain }.map(\.rule)
      let present = image.jumps[key] ?? []
      let repair = JumpRepair(present: present, wanted: rules)
      guard !repair.isEmpty else { continue }
      update.jumps[key] = repair.result(on: present)
      if settings.drifts { report.drift?.jumps += repair.insertions.count }
      edits.append(TableTransaction.JumpEdit(chain: chain, repair: repair))
    }
    return edits
  }

  /// Before the flip, checks that every chain that was created empty gets its rules, so that packets never reach an
  /// empty chain. The kernel checks the targets of the flip's own rules.
  private func checkTargets(of flip: TableTransaction) throws {
    let arriving = Set(flip.writes.lazy.map(\.chain.name))
    for key in update.declared where key.table == flip.table {
      if !update.isWritten(key) && !arriving.contains(key.name) { throw MissingChain(key: key) }
    }
  }
}

/// A plan has a rule that jumps to a chain that is neither in the plan nor in the kernel.
struct MissingChain: Error, Equatable, CustomStringConvertible {
  let key: ChainKey

  var description: String { "rules refer to \(key.name) in \(key.table.rawValue), which is not planned" }
}
