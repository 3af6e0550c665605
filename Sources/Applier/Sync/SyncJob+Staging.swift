import IPTables

extension SyncJob {
  /// Sends a batch of chains if the change is large.
  mutating func stageIfMany(_ table: Table) throws {
    if !isStaging {
      let count = pending.values.reduce(0) { $0 + $1.count }
      guard count > policy.singleTransactionChains else { return }
      isStaging = true
    }
    guard let writes = pending[table] else { return }
    let staged = report.tables[table]?.rulesWritten ?? 0
    let batch = policy.batchSize(live: image.ruleCount(of: table), staged: staged)
    if writes.unreachableSize >= batch {
      try stage(table, includingReachable: false)
    } else if writes.replacedSize >= batch / StagingPolicy.replacedShare {
      // Too many live chains change for one flip. The chains of a Service stand together in the plan, so a Service
      // still changes with one commit, or with two if it crosses the boundary of a batch.
      try stage(table, includingReachable: true)
    }
  }

  private mutating func stage(_ table: Table, includingReachable: Bool) throws {
    guard var writes = pending[table] else { return }
    var transaction = TableTransaction(table: table)
    transaction.writes = writes.takeUnreachable()
    if includingReachable {
      transaction.writes += writes.takeLeading()
      let arriving = Set(transaction.writes.lazy.map(\.chain.name))
      transaction.writes += writes.takeReplaced { chain in
        chain.rules.allSatisfy { rule in
          guard let target = rule.jumpTarget else { return true }
          return arriving.contains(target) || isComplete(ChainKey(table, target))
        }
      }
    }
    pending[table] = writes
    transaction.empties = missingTargets(of: transaction.writes.map(\.chain))
    try send(transaction)
    try writer.endPart(after: policy.processJumps)
  }

  /// Whether rules that packets meet may refer to the chain: it is in the kernel with a complete set of rules.
  func isComplete(_ key: ChainKey) -> Bool { update.isWritten(key) || image[key] != nil }

  /// The proxy's chains that the rules of these chains refer to but that do not exist yet. They are created empty
  /// first.
  mutating func missingTargets(of chains: some Sequence<Chain>) -> [ChainName] {
    let own = Set(chains.lazy.map(\.name))
    var missing: [ChainName] = []
    for chain in chains {
      for rule in chain.rules {
        guard let target = rule.jumpTarget, !own.contains(target) else { continue }
        let key = ChainKey(chain.table, target)
        if !isComplete(key) && update.declared.insert(key).inserted { missing.append(target) }
      }
    }
    return missing
  }
}
