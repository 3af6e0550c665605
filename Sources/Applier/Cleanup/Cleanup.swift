import IPTables
import ServiceModel
import System

/// `--cleanup`: removes the rules of this program and of kube-proxy from both backends and families.
///
/// Like kube-proxy, it does not reset route_localnet, because the earlier value is not known.
package struct Cleanup: Sendable {
  private let commands: [any IPTablesCommands]
  private let legacyTables: any LegacyTables
  private let kernel: any NFTables

  /// - Parameters:
  ///   - commands: the programs of each installed backend.
  ///   - legacyTables: tells which legacy tables exist. The clean-up must not run iptables-save for a table that does
  ///     not exist, because the kernel would create it.
  ///   - kernel: reads tables that iptables-nft-save cannot print.
  package init(
    _ commands: [any IPTablesCommands], legacyTables: any LegacyTables = KernelLegacyTables(),
    kernel: any NFTables = KernelNFTables()
  ) {
    self.kernel = kernel
    self.commands = commands
    self.legacyTables = legacyTables
  }

  /// Returns one report for each backend and family that has tables. If one of them fails, the others are still
  /// cleaned.
  package func run() async -> [CleanupReport] {
    var reports: [CleanupReport] = []
    for commands in commands {
      for family in IPFamily.allCases {
        let tables = await self.tables(commands.backend, family)
        if tables.isEmpty { continue }
        var report = CleanupReport()
        do {
          report = try await clean(family, tables, commands)
        } catch {
          report.failure = error
        }
        report.backend = commands.backend
        report.family = family
        reports.append(report)
      }
    }
    return reports
  }

  private func tables(_ backend: Backend, _ family: IPFamily) async -> [Table] {
    guard backend == .legacy else { return [.nat, .filter, .mangle] }
    let legacyTables = legacyTables
    return await OwnThread.runAnyway("legacy tables") {
      // A table that cannot be read counts as existing. iptables-save then reports what is wrong with it.
      [Table.nat, .filter, .mangle].filter { table in
        do throws(LegacyTableError) { return try legacyTables.read(family, table) != nil } catch { return true }
      }
    }
  }

  /// Cleans each table with its own restore process. So a table that cannot be cleaned does not keep the others.
  private func clean(
    _ family: IPFamily, _ tables: [Table], _ commands: any IPTablesCommands
  ) async throws(CommandError) -> CleanupReport {
    var report = CleanupReport()
    var scan = try await self.scan(family, tables, commands)
    for table in [Table.nat, .filter, .mangle] {
      var busy: Set<ChainName> = []
      var hasDeletedJumps = false
      while true {
        let plan = CleanupPlan(
          scan, table, busy: busy, deletionBatch: StagingPolicy.standard(commands.backend).deletionBatch)
        do {
          try await restore(plan.transactions, family, commands)
          report += plan.report
          break
        } catch {
          // Something that iptables-save does not print refers to a chain. The chain is only emptied then.
          let news = plan.removed(error.busyChains)
          if !news.isEmpty {
            busy.formUnion(news)
          } else if !hasDeletedJumps, !error.isPassing {
            // Perhaps iptables-restore did not find one of the jumps. That jump must not keep the rest.
            report.jumpsRemoved += try await delete(plan.jumps, family, commands)
            hasDeletedJumps = true
          } else {
            report.failure = report.failure ?? error
            break
          }
          // Other transactions of the plan may have been committed.
          scan = try await self.scan(family, tables, commands)
          if hasDeletedJumps { scan.keepJumps(of: table) }
        }
      }
    }
    return report
  }

  /// Deletes jumps one by one, each by the first form that iptables-restore finds.
  /// - Returns: how many it deleted.
  private func delete(
    _ jumps: [CleanupScan.Jump], _ family: IPFamily, _ commands: any IPTablesCommands
  ) async throws(CommandError) -> Int {
    var count = 0
    for jump in jumps {
      for form in jump.forms {
        let edit = TableTransaction.JumpEdit(chain: jump.chain.name, repair: JumpRepair(removing: [form]))
        do {
          try await restore([TableTransaction(table: jump.chain.table, jumps: [edit])], family, commands)
          count += 1
          break
        } catch {
          if error.isPassing { throw error }
        }
      }
    }
    return count
  }

  private func scan(
    _ family: IPFamily, _ tables: [Table], _ commands: any IPTablesCommands
  ) async throws(CommandError) -> CleanupScan {
    let scan = SharedValue(CleanupScan())
    for table in tables {
      try await commands.save(family, table) { line in scan.withLock { $0.consume(line) } }
    }
    for table in scan.value.unprintable {
      do throws(SystemError) {
        let contents = try await UnprintableTable.read(table, family, from: kernel, isOurs: CleanupScan.isOurs)
        scan.withLock { $0.add(contents) }
      } catch {
        throw CommandError(command: "list \(table.rawValue) of nf_tables", cause: .notStarted(error.description))
      }
    }
    return scan.value
  }

  private func restore(
    _ transactions: [TableTransaction], _ family: IPFamily, _ commands: any IPTablesCommands
  ) async throws(CommandError) {
    let backend = commands.backend
    _ = try await commands.restore(family) { sink in
      var writer = RestoreWriter(sink)
      for transaction in transactions { try transaction.write(to: &writer, backend: backend) }
      try writer.finish()
    }
  }
}

/// What the clean-up removed from one backend and family.
package struct CleanupReport: Sendable, Equatable {
  package var backend = Backend.nft
  package var family = IPFamily.ipv4
  package var chainsRemoved = 0
  package var jumpsRemoved = 0
  /// Chains that were only emptied, because foreign rules or maps refer to them.
  package var chainsKept: [ChainKey] = []
  package var failure: CommandError?

  package init() {}

  /// Adds another table's counts.
  static func += (left: inout CleanupReport, right: CleanupReport) {
    left.chainsRemoved += right.chainsRemoved
    left.jumpsRemoved += right.jumpsRemoved
    left.chainsKept += right.chainsKept
  }
}
