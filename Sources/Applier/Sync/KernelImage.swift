import IPTables

/// The proxy's rules in a family's tables, as far as the next sync needs them: a few dozen bytes for each chain.
///
/// It is a class, so that a sync of one chain does not copy a hundred thousand records. Its applier changes it only
/// between syncs. During a sync, the rendering thread reads it.
final class KernelImage: @unchecked Sendable {
  /// The proxy's chains: the service chains and the well-known chains.
  private var chains: [Table: [ChainName: ChainRecord]] = [:]
  private var ruleCounts: [Table: Int] = [:]
  /// The rules of built-in chains that jump to the proxy's well-known chains, in their order. Other rules are left out.
  var jumps: [ChainKey: [Rule]] = [:]
  /// All rules of chains that the proxy shares with the kubelet.
  var shared: [ChainKey: [Rule]] = [:]
  /// Tables that iptables-nft-save did not print to their end, so that only names and jumps are known.
  var unprintable: Set<Table> = []
  /// Digests of dispatch chains that do not depend on the order of rules that exclude each other, as they were read.
  var looseDigests: [ChainKey: UInt64] = [:]
  /// Chains that have the planned rules in another order with the same effect, as `looseDigests` showed.
  var reordered: Set<ChainKey> = []
  /// The proxy's chains that foreign rules refer to. They cannot be deleted.
  var foreignTargets: Set<ChainKey> = []

  subscript(key: ChainKey) -> ChainRecord? { chains[key.table]?[key.name] }

  func set(_ record: ChainRecord?, for key: ChainKey) {
    let old = chains[key.table]?[key.name]
    ruleCounts[key.table, default: 0] += Int(record?.ruleCount ?? 0) - Int(old?.ruleCount ?? 0)
    chains[key.table, default: [:]][key.name] = record
  }

  /// Forgets what is known of a table.
  func forget(_ table: Table) {
    chains[table] = nil
    ruleCounts[table] = nil
    jumps = jumps.filter { $0.key.table != table }
    shared = shared.filter { $0.key.table != table }
    foreignTargets = foreignTargets.filter { $0.table != table }
  }

  func chainNames(of table: Table) -> [ChainName] { chains[table].map { Array($0.keys) } ?? [] }

  func chainCount(of table: Table) -> Int { chains[table]?.count ?? 0 }

  func ruleCount(of table: Table) -> Int { ruleCounts[table] ?? 0 }
}
