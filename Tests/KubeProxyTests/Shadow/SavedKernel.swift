import IPTables
import ServiceModel
import Synchronization

@testable import KubeProxy
@testable import Shadow

/// A kernel whose rules are lines of iptables-save.
final class SavedKernel: RuleReading {
  struct Unreadable: Error, CustomStringConvertible { let description: String }

  private struct State {
    var lines: [IPFamily: [String]] = [:]
    /// The parsed lines; nil until a chain is read.
    var parsed: [IPFamily: RuleSet] = [:]
    var failure: Unreadable?
    var wholeReads = 0
    var singleReads: [ChainKey] = []
  }

  let readsSingleChains: Bool
  /// Called when all rules are read.
  private let readingAll: @Sendable () -> Void
  private let state = Mutex(State())

  init(readsSingleChains: Bool = true, readingAll: @escaping @Sendable () -> Void = {}) {
    self.readsSingleChains = readsSingleChains
    self.readingAll = readingAll
  }

  func set(_ family: IPFamily, _ lines: [String]) {
    state.withLock {
      $0.lines[family] = lines
      $0.parsed[family] = nil
    }
  }
  func fail(_ text: String?) { state.withLock { $0.failure = text.map(Unreadable.init) } }

  /// How often all rules were read.
  var wholeReads: Int { state.withLock { $0.wholeReads } }
  var singleReads: [ChainKey] { state.withLock { $0.singleReads } }

  func readAll(_ family: IPFamily, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void) async throws {
    state.withLock { $0.wholeReads += 1 }
    let lines = try lines(family)
    readingAll()
    for text in lines { line(Array(text.utf8)[...]) }
  }

  func chains(_ family: IPFamily, of table: Table) async throws -> Set<ChainName> {
    Set(try rules(family).tables[table, default: [:]].keys)
  }

  func rules(_ family: IPFamily, of chain: ChainKey) async throws -> [Rule] {
    state.withLock { $0.singleReads.append(chain) }
    guard let rules = try rules(family)[chain.table, chain.name] else {
      throw Unreadable(description: "there is no chain \(chain.name)")
    }
    return rules
  }

  private func lines(_ family: IPFamily) throws -> [String] {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.lines[family] ?? []
    }
  }

  private func rules(_ family: IPFamily) throws -> RuleSet {
    let known = try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.parsed[family]
    }
    if let known { return known }
    var (parser, rules) = (RestoreParser(), RuleSet(family: family))
    for line in try lines(family) {
      if let event = try parser.consume(line: line) { rules.apply(event) }
    }
    state.withLock { [rules] in $0.parsed[family] = rules }
    return rules
  }
}

extension RuleSet {
  /// The lines of iptables-save for these rules.
  var saved: [String] {
    Table.allCases.flatMap { table -> [String] in
      let chains = chains(of: table)
      guard !chains.isEmpty else { return [] }
      return ["*\(table.rawValue)"] + chains.map { ":\($0.name) - [0:0]" }
        + chains.flatMap { chain in chain.rules.map { "-A \(chain.name) \($0)" } } + ["COMMIT"]
    }
  }
}
