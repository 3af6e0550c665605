import Applier
import IPTables
import ServiceModel
import Synchronization
import System

/// Reads the rules of this host's kernel with the programs of one backend, at the lowest priority.
package struct KernelRuleReading: RuleReading {
  private let commands: SystemIPTables
  private let tables = KernelNFTables()

  package init(_ backend: Backend) {
    var commands = SystemIPTables(IPTablesPrograms(backend))
    commands.priority = .idle
    self.commands = commands
  }

  /// The legacy interface of the kernel returns only whole tables.
  package var readsSingleChains: Bool { commands.backend == .nft }

  package func readAll(_ family: IPFamily, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void) async throws {
    try await commands.save(family, nil, line)
  }

  package func chains(_ family: IPFamily, of table: Table) async throws -> Set<ChainName> {
    Set(try await tables.chains(family, table: table.rawValue).map { ChainName($0) })
  }

  package func rules(_ family: IPFamily, of chain: ChainKey) async throws -> [Rule] {
    let lines = Mutex(RuleLines(chain.table))
    try await commands.list(family, chain) { line in lines.withLock { $0.consume(line) } }
    return lines.withLock { $0.rules }
  }
}

/// Collects the rules of one chain.
private struct RuleLines: Sendable {
  private var parser = RestoreParser()
  private(set) var rules: [Rule] = []

  init(_ table: Table) { parser.enter(table) }

  /// The first line declares the chain, in a form that differs for built-in chains.
  mutating func consume(_ line: ArraySlice<UInt8>) {
    guard line.starts(with: "-A ".utf8) else { return }
    do throws(RestoreSyntaxError) {
      if case .append(_, let rule, _)? = try parser.consume(line: line.span) { rules.append(rule) }
    } catch {
      rules.append(.unreadable(error))
    }
  }
}

extension RestoreParser {
  /// Enters a table, as its `*` line does.
  fileprivate mutating func enter(_ table: Table) { _ = try? consume(line: "*\(table.rawValue)") }
}
