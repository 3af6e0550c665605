import IPTables
import ServiceModel
import System
import Time

/// Writes one family's rules. It knows what the kernel holds and changes only what differs.
///
/// Only one task at a time may sync. Each family has its own applier, and both can run at the same time.
package actor FamilyApplier {
  package nonisolated let family: IPFamily
  let commands: any IPTablesCommands
  let policy: StagingPolicy
  private let kernel: any NFTables
  /// nil while the kernel's state is unknown: at first, after a failure, and after another program changed it.
  private var image: KernelImage?
  /// Counts how often the state was dropped. If the count changes during a sync, the sync does not keep its state.
  private var epoch = 0
  private var isBusy = false
  private let executor: ThreadExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - policy: nil for the backend's standard policy.
  ///   - kernel: reads tables that iptables-nft-save cannot print.
  package init(
    family: IPFamily, commands: any IPTablesCommands, policy: StagingPolicy? = nil,
    kernel: any NFTables = KernelNFTables()
  ) {
    self.kernel = kernel
    self.family = family
    self.commands = commands
    self.policy = policy ?? .standard(commands.backend)
    executor = ThreadExecutor("apply \(family.rawValue)")
  }

  /// Whether a partial sync is possible.
  package var knowsKernelState: Bool { image != nil }

  /// Call this if another program may have changed the proxy's rules. The next sync must then be a full sync, and it
  /// reads the kernel's rules.
  package func forgetKernelState() {
    image = nil
    epoch += 1
  }

  /// Makes the proxy's rules in the kernel equal to the plan. It reads the kernel first if its state is unknown, then
  /// writes the differences and removes service chains that are not planned. Foreign chains and rules stay.
  ///
  /// Something that iptables-save does not print can refer to a chain that is not planned, for example a verdict map.
  /// The kernel does not delete this chain, and the sync is tried again: it then empties the chain only.
  package func sync(full plan: some RulePlan) async throws(ApplyError) -> ApplyReport {
    precondition(!isBusy, "two syncs of one family at a time")
    isBusy = true
    defer { isBusy = false }
    var busy: Set<ChainName> = []
    while true {
      do {
        return try await sync(plan, busy: busy)
      } catch {
        let news = (error.command?.busyChains ?? []).subtracting(busy)
        guard !news.isEmpty else { throw error }
        busy.formUnion(news)
      }
    }
  }

  /// - Parameter busy: chains that the kernel does not delete, because something refers to them.
  private func sync(_ plan: some RulePlan, busy: Set<ChainName>) async throws(ApplyError) -> ApplyReport {
    var report = ApplyReport(family: family, scope: .full)
    let before = epoch
    let isKnown = image != nil
    let known: KernelImage
    if let image {
      known = image
    } else {
      let start = Moment.now()
      known = try await readKernel()
      for table in Table.allCases { known.foreignTargets.formUnion(busy.map { ChainKey(table, $0) }) }
      report.unprintableTables = known.unprintable.sorted()
      report.readTime = start.duration(to: .now())
    }
    return try await perform(report, on: known, since: before, drifts: !isKnown) { try $0.run(plan) }
  }

  /// Writes the chains of `change` that differ from those applied last.
  /// - Throws: also if the kernel's state is unknown. A full sync is needed then.
  package func sync(partial change: RuleChange) async throws(ApplyError) -> ApplyReport {
    precondition(!isBusy, "two syncs of one family at a time")
    isBusy = true
    defer { isBusy = false }
    guard let known = image else { throw ApplyError(family: family, attempt: .partialSync) }
    let report = ApplyReport(family: family, scope: .partial)
    return try await perform(report, on: known, since: epoch, drifts: false) { try $0.run(change) }
  }

  /// Keeps the kernel's state after a sync, unless another program changed the kernel during the sync.
  func adopt(_ image: KernelImage, since epoch: Int) {
    if epoch == self.epoch { self.image = image }
  }

  private func readKernel() async throws(ApplyError) -> KernelImage {
    let reader = SharedValue(KernelReader())
    do {
      try await commands.save(family, nil) { line in reader.withLock { $0.consume(line) } }
    } catch {
      throw ApplyError(family: family, attempt: .readingKernel, command: error)
    }
    for table in reader.value.unprintable {
      do throws(SystemError) {
        let contents = try await UnprintableTable.read(table, family, from: kernel) { $0.name.isServiceProxys }
        reader.withLock { $0.add(contents) }
      } catch {
        throw ApplyError(family: family, attempt: .readingKernel, kernel: error)
      }
    }
    reader.withLock { $0.finish() }
    return reader.value.image
  }
}
