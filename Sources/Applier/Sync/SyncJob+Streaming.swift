import IPTables

extension SyncJob {
  /// Whether chains of the table are written as soon as the plan makes them.
  ///
  /// With the legacy backend a table changes only at its COMMIT, so all chains of nat can be in one transaction that is
  /// open during the whole walk. iptables-restore reads it meanwhile, and no rules wait in memory. Chains of the other
  /// tables wait until nat is complete. They are few.
  func streams(_ table: Table) -> Bool { table == .nat && settings.backend == .legacy && policy == .single }

  /// Writes a chain into the open transaction, and begins the transaction if it is the first.
  ///
  /// iptables-restore accepts declarations between rules. So a chain is declared before its own rules, or before the
  /// first rule that jumps to it. libiptc would insert new chains fastest in the order of their names. With compact
  /// rules there are too few chains for a difference. With a chain for each endpoint, that order would save about as
  /// much as a second walk over the plan would cost.
  mutating func stream(_ planned: Chain) throws {
    let chain = keepingLingering(planned)
    let key = ChainKey(chain.table, chain.name)
    if !isStreaming { writer.begin(chain.table) }
    isStreaming = true
    if !update.declared.contains(key) { try writer.declare(chain.name) }
    update.noteWritten(key)
    for name in missingTargets(of: CollectionOfOne(chain)) { try writer.declare(name) }
    try writer.append(chain)
    report.tables[chain.table, default: .init()].chainsWritten += 1
    report.tables[chain.table, default: .init()].rulesWritten += chain.rules.count
  }
}
