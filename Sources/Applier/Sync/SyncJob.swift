import IPTables
import ServiceModel

/// One sync's comparison and output: runs through the plan once and writes what differs from the image.
///
/// Stage, then flip. While the plan is run through, chains that nothing reaches yet are sent off in transactions of
/// their own as soon as there are many. What packets meet changes in the last transactions: nat first, then filter, as
/// a Service that gets its first endpoint then goes from being rejected straight to being translated. The other way
/// round its packets would for a moment be neither, and leak to the default route. Deletions come after everything.
struct SyncJob {
  struct Settings: Sendable {
    var backend: Backend
    var policy: StagingPolicy
    /// Whether the image was just read, so that what differs is worth telling.
    var drifts: Bool
  }

  private let settings: Settings
  private let image: KernelImage
  private(set) var update = ImageUpdate()
  private(set) var report: ApplyReport
  private var writer: RestoreWriter
  private var pending: [Table: PendingWrites] = [:]
  private var isStaging = false
  /// Goes through the plan again; nil where all rules that wait to be written are kept.
  private var replay: TableTransaction.Replay?

  private var policy: StagingPolicy { settings.policy }

  init(_ report: ApplyReport, image: KernelImage, _ settings: Settings, sink: any RestoreSink) {
    self.report = report
    self.image = image
    self.settings = settings
    for table in Table.allCases { pending[table] = PendingWrites(keepsRules: true) }
    writer = RestoreWriter(sink)
    if settings.drifts { self.report.drift = KernelDrift() }
  }

  /// A full sync: the image afterwards is the plan.
  mutating func run(_ plan: some RulePlan) throws {
    // With legacy, every chain waits till the declarations of all are known. To plan the many of nat a second time takes
    // less time than iptables-restore needs for them meanwhile, and their rules are never in memory at once.
    if settings.backend == .legacy && settings.policy == .single {
      pending[.nat] = PendingWrites(keepsRules: false)
      replay = { body in try plan.forEachChain(body) }
    }
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
      for key in stale.prefix(8).sorted() { report.drift?.note(key) }
    }
    try finish(removing: stale, jumps: plan.jumps)
  }

  /// A partial sync.
  mutating func run(_ change: RuleChange) throws {
    for chain in change.chains { try take(chain) }
    try finish(removing: change.removed.filter { image[$0] != nil && !update.contains($0) }, jumps: nil)
  }

  /// Compares a chain and keeps it for writing where it differs.
  private mutating func take(_ chain: Chain) throws {
    let key = ChainKey(chain.table, chain.name)
    let record = ChainRecord(chain.rules)
    let old = image[key]
    if KernelImage.isShared(key), let present = image.shared[key] {
      try takeShared(chain, present: present)
      return
    }
    if old == record { return }
    note(key, isMissing: old == nil)
    update.set(record, for: key)
    if KernelImage.isShared(key) { update.shared[key] = chain.rules }
    let isReachable = old != nil || chain.name.prefix == nil
    pending[chain.table]?.add(chain, isReachable: isReachable)
    try stageIfMany(chain.table)
  }

  /// Only what is missing is added: kubelet has the same chain, and an older one has another rule in it.
  private mutating func takeShared(_ chain: Chain, present: [Rule]) throws {
    let there = Set(present.map(\.canonical))
    let missing = chain.rules.filter { !there.contains($0.canonical) }
    if missing.isEmpty { return }
    let key = ChainKey(chain.table, chain.name)
    note(key, isMissing: false)
    update.shared[key] = present + missing
    update.set(ChainRecord(present + missing), for: key)
    pending[chain.table]?
      .add(Chain(chain.table, chain.name, rules: missing), isReachable: true, replaces: false)
  }

  private mutating func note(_ key: ChainKey, isMissing: Bool) {
    guard settings.drifts else { return }
    if isMissing { report.drift?.missing += 1 } else { report.drift?.changed += 1 }
    report.drift?.note(key)
  }
}

extension SyncJob {
  /// Sends off a batch of chains once the change has turned out to be large.
  private mutating func stageIfMany(_ table: Table) throws {
    if !isStaging {
      let count = pending.values.reduce(0) { $0 + $1.count }
      guard count > policy.singleTransactionChains else { return }
      isStaging = true
    }
    guard let writes = pending[table] else { return }
    let staged = report.tables[table]?.rulesWritten ?? 0
    let batch = policy.batchSize(live: image.ruleCount(of: table), staged: staged)
    if writes.unreachableRules >= batch {
      try stage(table, includingReachable: false)
    } else if writes.replacedRules - writes.deferredRules >= batch / StagingPolicy.replacedShare {
      // Too many live chains change for one flip. Each Service's chains stand together in the plan, so a Service
      // changes with one commit all the same, or with two where it lies across the bound.
      try stage(table, includingReachable: true)
    }
  }

  private mutating func stage(_ table: Table, includingReachable: Bool) throws {
    guard var writes = pending[table] else { return }
    var transaction = TableTransaction(table: table)
    transaction.writes = writes.takeUnreachable()
    if includingReachable {
      let arriving = Set(transaction.writes.lazy.map(\.chain.name))
      transaction.writes += writes.takeReplaced { chain in
        chain.rules.allSatisfy { rule in
          guard let target = rule.jumpTarget else { return true }
          return arriving.contains(target) || isComplete(ChainKey(table, target))
        }
      }
    }
    pending[table] = writes
    transaction.empties = missingTargets(of: transaction)
    try send(transaction)
    try writer.endPart(after: policy.processLines)
  }

  /// Whether rules that packets meet may refer to the chain: it is in the kernel with rules that belong together.
  private func isComplete(_ key: ChainKey) -> Bool { update.isWritten(key) || image[key] != nil }

  /// Chains of ours that the rules refer to but that are not there yet. They come empty first.
  private mutating func missingTargets(of transaction: TableTransaction) -> [ChainName] {
    let own = Set(transaction.writes.lazy.map(\.chain.name))
    var missing: Set<ChainName> = []
    for write in transaction.writes {
      for rule in write.chain.rules {
        guard let target = rule.jumpTarget, !own.contains(target), !missing.contains(target) else { continue }
        let key = ChainKey(transaction.table, target)
        if !isComplete(key) && update.declared.insert(key).inserted { missing.insert(target) }
      }
    }
    return Array(missing)
  }

  /// Before the flip, which shall not lead packets to chains that stay empty: those staged refer to nothing else any
  /// more. What the flip itself refers to the kernel checks.
  private func checkTargets(of flip: TableTransaction) throws {
    let arriving = Set(flip.writes.lazy.map(\.chain.name))
    for key in update.declared where key.table == flip.table {
      if !update.isWritten(key) && !arriving.contains(key.name) { throw MissingChain(key: key) }
    }
  }

  private mutating func send(_ transaction: TableTransaction) throws {
    guard !transaction.isEmpty else { return }
    let table = transaction.table
    try transaction.write(to: &writer, backend: settings.backend, replay: replay)
    for write in transaction.writes { update.noteWritten(ChainKey(table, write.chain.name)) }
    var share = report.tables[table] ?? .init()
    share.chainsWritten += transaction.writes.count
    share.chainsRemoved += transaction.removals.count + transaction.deletions.count
    share.rulesWritten += transaction.writes.reduce(0) { $0 + $1.ruleCount }
    for edit in transaction.jumps {
      share.rulesWritten += edit.repair.insertions.count
      report.jumpsInserted += edit.repair.insertions.count
      report.jumpsRemoved += edit.repair.removals.count
    }
    report.tables[table] = share
  }

  private mutating func finish(removing stale: [ChainKey], jumps: [BuiltInJump]?) throws {
    var removals: [Table: [ChainName]] = [:]
    var flushes: [Table: [ChainName]] = [:]
    for key in stale {
      if image.foreignTargets.contains(key) {
        // Left empty: a foreign rule refers to it, and the whole restore would fail.
        guard image[key]?.ruleCount != 0 else { continue }
        flushes[key.table, default: []].append(key.name)
        update.set(ChainRecord(), for: key)
      } else {
        removals[key.table, default: []].append(key.name)
        update.removed.append(key)
      }
    }
    let deletesLater = isStaging || stale.count > policy.singleTransactionChains
    for table in [Table.nat, .filter, .mangle] {
      var flip = TableTransaction(table: table)
      flip.writes = pending[table]?.takeAll() ?? []
      try checkTargets(of: flip)
      flip.jumps = jumps.map { edits(of: table, wanted: $0) } ?? []
      if !deletesLater {
        flip.removals = removals[table] ?? []
        flip.flushes = flushes[table] ?? []
      }
      try send(flip)
    }
    pending = [:]
    if deletesLater {
      for table in [Table.nat, .filter] {
        let deletions = TableTransaction.deletions(
          of: removals[table] ?? [], flushing: flushes[table] ?? [], in: table, size: policy.deletionBatch)
        for transaction in deletions {
          try writer.endPart(after: policy.processLines)
          try send(transaction)
        }
      }
    }
    try writer.finish()
    report.bytes = writer.bytes
    report.transactions = writer.transactions
  }

  private mutating func edits(of table: Table, wanted: [BuiltInJump]) -> [TableTransaction.JumpEdit] {
    var edits: [TableTransaction.JumpEdit] = []
    for chain in ChainName.builtIn(table) {
      let key = ChainKey(table, chain)
      let rules = wanted.filter { $0.table == table && $0.chain == chain }.map(\.rule)
      let repair = JumpRepair(present: image.jumps[key] ?? [], wanted: rules)
      guard !repair.isEmpty else { continue }
      update.jumps[key] = rules.map(\.canonical)
      if settings.drifts { report.drift?.jumps += repair.insertions.count }
      edits.append(TableTransaction.JumpEdit(chain: chain, repair: repair))
    }
    return edits
  }
}

/// A plan with a rule that jumps to a chain which neither the plan nor the kernel has.
struct MissingChain: Error, Equatable, CustomStringConvertible {
  let key: ChainKey

  var description: String { "rules refer to \(key.name) in \(key.table.rawValue), which is not planned" }
}
