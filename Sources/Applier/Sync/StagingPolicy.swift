/// When and how a change is split into several transactions.
///
/// In iptables-nft-restore each line costs as much as the rank of its chain and jump target among the names its
/// transaction has mentioned, and each COMMIT costs the kernel a pass over the table's chains, and over all that can be
/// reached from the built-in chains where rules with matches or jumps were added. So batches grow with the table: as the
/// first cost is quadratic in the batch and the second linear in the table, with the table's square root.
///
/// A batch is measured by ``size(rules:names:)``, as a rule that translates names no chain that its transaction has to
/// look for.
///
/// Besides, iptables-nft-restore looks up each jump's target as an extension, and keeps the names that are none in a list
/// which it walks for each further target as long as the process lives. So a process is given a bounded number of jumps.
public struct StagingPolicy: Sendable, Equatable {
  /// Changes of up to this many chains are one transaction for each table.
  public var singleTransactionChains: Int
  /// Rules of a batch while the table is empty.
  public var smallestBatch: Int
  /// Times the square root of the number of rules that the table holds already is how many rules a batch holds.
  public var growth: Int
  /// As how many others a rule counts there that packets reach: at each COMMIT the kernel goes through these one by one.
  public var liveWeight: Int
  /// No batch holds more rules than this.
  public var largestBatch: Int
  /// Stale chains that are emptied, or deleted, by one transaction.
  public var deletionBatch: Int
  /// Rules of chains that are replaced make lines that refer to others, of staged chains every third does: a batch of the
  /// first costs as much as one of the second that is so many times as large.
  static let replacedShare = 3
  /// After so many jumps to service chains what is staged goes to a new process.
  public var processJumps: Int

  public init(
    singleTransactionChains: Int, smallestBatch: Int, growth: Int, liveWeight: Int, largestBatch: Int,
    deletionBatch: Int,
    processJumps: Int
  ) {
    self.singleTransactionChains = singleTransactionChains
    self.smallestBatch = smallestBatch
    self.growth = growth
    self.liveWeight = liveWeight
    self.largestBatch = largestBatch
    self.deletionBatch = deletionBatch
    self.processJumps = processJumps
  }

  /// Everything in one transaction for each table, as libiptc replaces whole tables.
  public static let single = StagingPolicy(
    singleTransactionChains: .max, smallestBatch: .max, growth: 1, liveWeight: 1, largestBatch: .max,
    deletionBatch: .max,
    processJumps: .max)

  /// For nf_tables.
  public static let staged = StagingPolicy(
    singleTransactionChains: 500, smallestBatch: 800, growth: 11, liveWeight: 12, largestBatch: 16000,
    deletionBatch: 5000,
    processJumps: 7_000)

  public static func standard(_ backend: Backend) -> StagingPolicy { backend == .nft ? .staged : .single }

  /// What a batch costs, as the number of rules of as costly a batch of endpoint chains: these have eleven names for 32
  /// rules. The cost is that of so many lines times so many names.
  static func size(rules: Int, names: Int) -> Int {
    Int((Double(rules) * Double(names) * 32 / 11).squareRoot())
  }

  /// How large the next batch may be.
  ///
  /// - Parameters:
  ///   - live: rules of the table that packets reach.
  ///   - staged: those that nothing reaches yet.
  func batchSize(live: Int, staged: Int) -> Int {
    let wanted = Double(growth) * (Double(live) * Double(liveWeight) + Double(staged)).squareRoot()
    return wanted < Double(largestBatch) ? max(smallestBatch, Int(wanted)) : max(smallestBatch, largestBatch)
  }
}
