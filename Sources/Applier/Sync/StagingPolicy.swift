/// When and how a change is split into several transactions.
///
/// In iptables-nft-restore, the cost of each line grows with the rank of its chain and jump target among the names that
/// its transaction has mentioned. At each COMMIT the kernel makes a pass over the table's chains. It also makes a pass
/// over everything that can be reached from the built-in chains if rules with matches or jumps were added there. The
/// first cost is quadratic in the size of a batch, and the second is linear in the size of the table. So the size of a
/// batch grows with the square root of the size of the table.
///
/// The size of a batch is given by ``size(rules:names:)``, because a rule that translates names no chain that its
/// transaction must look up.
///
/// iptables-nft-restore also looks up each jump's target as an extension. As long as the process lives, it keeps the
/// names that are no extensions in a list, and walks this list for each further target. So each process gets a limited
/// number of jumps.
package struct StagingPolicy: Sendable, Equatable {
  /// A change of up to this many chains is one transaction for each table.
  package var singleTransactionChains: Int
  /// The number of rules of a batch while the table is empty.
  package var smallestBatch: Int
  /// The number of rules of a batch is this factor times the square root of the number of rules in the table.
  package var growth: Int
  /// How many rules a rule counts for if packets reach it, because the kernel walks these rules one by one at each
  /// COMMIT.
  package var liveWeight: Int
  /// The largest number of rules of a batch.
  package var largestBatch: Int
  /// The number of stale chains that one transaction empties or deletes.
  package var deletionBatch: Int
  /// All rules of replaced chains refer to other chains, but only every third rule of staged chains does. A batch of
  /// replaced chains costs as much as a batch of staged chains that is this many times as large.
  static let replacedShare = 3
  /// After this many jumps to service chains, further staged chains go to a new process.
  package var processJumps: Int

  package init(
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

  /// Everything in one transaction for each table, because libiptc replaces whole tables.
  package static let single = StagingPolicy(
    singleTransactionChains: .max, smallestBatch: .max, growth: 1, liveWeight: 1, largestBatch: .max,
    deletionBatch: .max,
    processJumps: .max)

  /// For nf_tables.
  package static let staged = StagingPolicy(
    singleTransactionChains: 500, smallestBatch: 800, growth: 11, liveWeight: 12, largestBatch: 16000,
    deletionBatch: 5000,
    processJumps: 7_000)

  package static func standard(_ backend: Backend) -> StagingPolicy { backend == .nft ? .staged : .single }

  /// The cost of a batch, given as the number of rules of a batch of endpoint chains that costs as much. Endpoint
  /// chains have eleven names for 32 rules. The cost grows with the number of lines times the number of names.
  static func size(rules: Int, names: Int) -> Int {
    Int((Double(rules) * Double(names) * 32 / 11).squareRoot())
  }

  /// The largest size of the next batch.
  ///
  /// - Parameters:
  ///   - live: the number of rules of the table that packets reach.
  ///   - staged: the number of rules that no packet reaches yet.
  func batchSize(live: Int, staged: Int) -> Int {
    let wanted = Double(growth) * (Double(live) * Double(liveWeight) + Double(staged)).squareRoot()
    return wanted < Double(largestBatch) ? max(smallestBatch, Int(wanted)) : max(smallestBatch, largestBatch)
  }
}
