/// When and how a change is split into several transactions of one restore process.
///
/// In iptables-nft-restore each line costs as much as the rank of its chain and jump target among the names its
/// transaction has mentioned, and each COMMIT costs the kernel a pass over the table's chains, and over all that can be
/// reached from the built-in chains where rules with matches or jumps were added. So batches grow with the table.
public struct StagingPolicy: Sendable, Equatable {
  /// Changes of up to this many chains are one transaction for each table.
  public var singleTransactionChains: Int
  /// Rules of a batch while the table is empty.
  public var smallestBatch: Int
  /// A batch holds at least 1/`growth` of the rules that the table holds already.
  public var growth: Int
  /// No batch holds more rules than this.
  public var largestBatch: Int
  /// Stale chains that are emptied, or deleted, by one transaction.
  public var deletionBatch: Int

  public init(
    singleTransactionChains: Int, smallestBatch: Int, growth: Int, largestBatch: Int, deletionBatch: Int
  ) {
    self.singleTransactionChains = singleTransactionChains
    self.smallestBatch = smallestBatch
    self.growth = growth
    self.largestBatch = largestBatch
    self.deletionBatch = deletionBatch
  }

  /// Everything in one transaction for each table, as libiptc replaces whole tables.
  public static let single = StagingPolicy(
    singleTransactionChains: .max, smallestBatch: .max, growth: 1, largestBatch: .max, deletionBatch: .max)

  /// For nf_tables.
  public static let staged = StagingPolicy(
    singleTransactionChains: 500, smallestBatch: 800, growth: 60, largestBatch: 8000, deletionBatch: 1000)

  public static func standard(_ backend: Backend) -> StagingPolicy { backend == .nft ? .staged : .single }

  /// How many rules the next batch may hold.
  func batchSize(rulesInTable: Int) -> Int { min(max(smallestBatch, rulesInTable / growth), largestBatch) }
}
