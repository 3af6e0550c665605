import IPTables
import RuleAnalysis
import ServiceModel

/// The comparison and output of one sync. It walks over the plan once and writes what differs from the image.
///
/// Stage, then flip. During the walk, chains that no packet reaches yet are sent in their own transactions as soon as
/// there are many. The last transactions change what packets meet: first nat, then filter. With this order, a Service
/// that gets its first endpoint changes directly from rejected to translated. With the other order, its packets would
/// for a moment be neither rejected nor translated, and would leave by the default route. Deletions come last.
///
/// The legacy backend replaces a whole table at once, so nothing can be staged. There the chains of nat are streamed.
struct SyncJob {
  struct Settings: Sendable {
    var backend: Backend
    var policy: StagingPolicy
    /// Whether the image was just read, so that the report should list the differences.
    var drifts: Bool
  }

  let settings: Settings
  let image: KernelImage
  var update = ImageUpdate()
  var report: ApplyReport
  var writer: RestoreWriter
  var pending: [Table: PendingWrites] = [:]
  var isStaging = false
  /// Whether `stream` has begun the transaction of nat. The transaction stays open until the end of the walk.
  var isStreaming = false
  /// Well-known chains whose rules must be in the kernel before the first service chain is replaced.
  private var leading: Set<ChainKey> = []
  /// `RulePlan.lingeringRules`
  var lingering: [ChainKey: [Rule]] = [:]
  /// What has to be written after the flip, without the lingering rules.
  var afterFlip: [TableTransaction] = []

  var policy: StagingPolicy { settings.policy }

  init(_ report: ApplyReport, image: KernelImage, _ settings: Settings, sink: any RestoreSink) {
    self.report = report
    self.image = image
    self.settings = settings
    for table in Table.allCases { pending[table] = PendingWrites() }
    writer = RestoreWriter(sink)
    if settings.drifts { self.report.drift = KernelDrift() }
  }

  /// A full sync. Afterwards the image equals the plan.
  mutating func run(_ plan: some RulePlan) throws {
    leading = Set(plan.leadingChains)
    lingering = plan.lingeringRules
    var unplanned: [Table: Set<ChainName>] = [:]
    for table in Table.allCases {
      unplanned[table] = Set(image.chainNames(of: table).lazy.filter { $0.prefix != nil })
    }
    try plan.forEachChain { chain in
      if chain.name.prefix != nil { unplanned[chain.table]?.remove(chain.name) }
      try take(chain)
    }
    for key in plan.sharedChains where image[key] == nil { try take(Chain(key.table, key.name)) }
    let stale = unplanned.flatMap { table, names in names.map { ChainKey(table, $0) } }
    if settings.drifts {
      report.drift?.stale = stale.count
      for key in stale.sorted().prefix(8) { report.drift?.note(key) }
    }
    try finish(removing: stale, jumps: plan.jumps)
  }

  /// A partial sync.
  mutating func run(_ change: RuleChange) throws {
    for chain in change.chains { try take(chain) }
    try finish(removing: change.removed.filter { image[$0] != nil && !update.contains($0) }, jumps: nil)
  }

  /// Compares a chain with the image, and keeps it for writing if it differs.
  private mutating func take(_ chain: Chain) throws {
    let key = ChainKey(chain.table, chain.name)
    let record = ChainRecord(chain.rules)
    let old = image[key]
    if key.isSharedWithKubelet, let present = image.shared[key] {
      try takeShared(chain, present: present)
      return
    }
    if old == record { return }
    if let loose = image.looseDigests[key], loose == OrderlessDigest(chain.rules).value {
      // kube-proxy writes these rules in the order of a Go map. The rules are the same, and packets meet the same ones.
      update.setReordered(record, for: key)
      return
    }
    if old != .unknown { note(key, isMissing: old == nil) }
    update.set(record, for: key)
    if key.isSharedWithKubelet { update.shared[key] = chain.rules }
    if streams(chain.table) { return try stream(chain) }
    let isReachable = old != nil || chain.name.prefix == nil
    let inOrder = image.reordered.contains(key) ? nil : old
    let write = TableTransaction.Write(chain, replacing: inOrder)
    pending[chain.table]?.add(write, isReachable: isReachable, isLeading: leading.contains(key))
    try stageIfMany(chain.table)
  }

  /// Adds only missing rules: the kubelet uses the same chain, and older versions of the kubelet have another rule in
  /// it.
  private mutating func takeShared(_ chain: Chain, present: [Rule]) throws {
    let key = ChainKey(chain.table, chain.name)
    let missing = image.unprintable.contains(key.table) ? unnamed(chain, present) : unequal(chain, present)
    if missing.isEmpty { return }
    note(key, isMissing: false)
    update.shared[key] = present + missing
    update.set(ChainRecord(present + missing), for: key)
    let write = TableTransaction.Write(appending: missing, to: chain)
    pending[chain.table]?.add(write, isReachable: true)
  }

  private func unequal(_ chain: Chain, _ present: [Rule]) -> [Rule] {
    let there = Set(present.map(\.canonical))
    return chain.rules.filter { !there.contains($0.canonical) }
  }

  /// For rules that iptables-nft-save does not print, the comment is known, but not every condition.
  private func unnamed(_ chain: Chain, _ present: [Rule]) -> [Rule] {
    let there = Set(present.compactMap(\.comment))
    return chain.rules.filter { rule in rule.comment.map { !there.contains($0) } ?? true }
  }

  private mutating func note(_ key: ChainKey, isMissing: Bool) {
    guard settings.drifts else { return }
    if isMissing { report.drift?.missing += 1 } else { report.drift?.changed += 1 }
    report.drift?.note(key)
  }

  mutating func send(_ transaction: TableTransaction) throws {
    guard !transaction.isEmpty else { return }
    let table = transaction.table
    try transaction.write(to: &writer, backend: settings.backend)
    for write in transaction.writes { update.noteWritten(ChainKey(table, write.chain.name)) }
    var share = report.tables[table] ?? .init()
    share.chainsWritten += transaction.writes.count
    share.chainsRemoved += transaction.removals.count + transaction.deletions.count
    share.rulesWritten += transaction.writes.reduce(0) { $0 + $1.chain.rules.count }
    for edit in transaction.jumps {
      share.rulesWritten += edit.repair.insertions.count
      report.jumpsInserted += edit.repair.insertions.count
      report.jumpsRemoved += edit.repair.removals.count
    }
    report.tables[table] = share
  }
}
