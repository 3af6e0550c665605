import IPTables

/// What a family's tables hold of ours, as far as it matters for the next sync: a few dozen bytes for a chain.
///
/// An object, so that a sync of one chain does not copy a hundred thousand. Its applier changes it between syncs only;
/// during one, the thread that renders reads it.
final class KernelImage: @unchecked Sendable {
  /// Our chains: the service chains, and the well-known ones.
  private var chains: [Table: [ChainName: ChainRecord]] = [:]
  private var ruleCounts: [Table: Int] = [:]
  /// The rules of built-in chains that jump to well-known chains of ours, in their order, other rules left out.
  var jumps: [ChainKey: [Rule]] = [:]
  /// All rules of chains that we share with kubelet.
  var shared: [ChainKey: [Rule]] = [:]
  /// Tables of which iptables-nft-save printed nothing, so that only names and jumps are known.
  var unprintable: Set<Table> = []
  /// What dispatch chains hold apart from the order that means nothing, as they were read.
  var looseDigests: [ChainKey: UInt64] = [:]
  /// Chains of ours that foreign rules refer to: these cannot be deleted.
  var foreignTargets: Set<ChainKey> = []

  subscript(key: ChainKey) -> ChainRecord? { chains[key.table]?[key.name] }

  func set(_ record: ChainRecord?, for key: ChainKey) {
    let old = chains[key.table]?[key.name]
    ruleCounts[key.table, default: 0] += Int(record?.ruleCount ?? 0) - Int(old?.ruleCount ?? 0)
    chains[key.table, default: [:]][key.name] = record
  }

  func chainNames(of table: Table) -> [ChainName] { chains[table].map { Array($0.keys) } ?? [] }

  func chainCount(of table: Table) -> Int { chains[table]?.count ?? 0 }

  func ruleCount(of table: Table) -> Int { ruleCounts[table] ?? 0 }

  /// Whether a chain is one that this program or kube-proxy makes.
  static func isOurs(_ name: ChainName) -> Bool { name.prefix != nil || wellKnown.contains(name) }

  /// Written rule by rule, as kubelet has the same chain.
  static func isShared(_ key: ChainKey) -> Bool { key == ChainKey(.filter, .kubeFirewall) }

  static let wellKnown: Set<ChainName> = [
    .services, .externalServices, .nodePorts, .proxyFirewall, .kubeForward, .kubePostrouting, .markMasquerade,
    .canary, .kubeFirewall,
  ]
}
