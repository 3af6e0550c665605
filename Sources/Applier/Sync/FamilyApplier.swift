import IPTables
import ServiceModel
import System

/// Writes one family's rules: knows what the kernel holds, and changes only what differs.
///
/// One task at a time may sync; both families have an applier of their own and go on side by side.
public actor FamilyApplier {
  public nonisolated let family: IPFamily
  let commands: any IPTablesCommands
  let policy: StagingPolicy
  private let kernel: any NFTables
  /// nil while the kernel's state is unknown: at first, after a failure, and when somebody else changed it.
  private var image: KernelImage?
  /// Counts the times that the state was forgotten, as that may happen while a sync is under way.
  private var epoch = 0
  private var isBusy = false
  private let executor: ThreadExecutor
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - policy: the backend's standard one unless given.
  ///   - kernel: is asked for tables that iptables-nft-save cannot print.
  public init(
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
  public var knowsKernelState: Bool { image != nil }

  /// To be called when somebody else may have changed our rules: the next sync has to be a full one and reads the
  /// kernel.
  public func forgetKernelState() {
    image = nil
    epoch += 1
  }

  /// Makes the kernel hold exactly the plan's rules of ours: reads it first where its state is unknown, then writes
  /// what differs and removes service chains that are not planned. Foreign chains and rules stay.
  public func sync(full plan: some RulePlan) async throws(ApplyError) -> ApplyReport {
    precondition(!isBusy, "two syncs of one family at a time")
    isBusy = true
    defer { isBusy = false }
    var report = ApplyReport(family: family, scope: .full)
    let before = epoch
    let isKnown = image != nil
    let known: KernelImage
    if let image {
      known = image
    } else {
      let clock = ContinuousClock()
      let start = clock.now
      known = try await readKernel()
      report.unprintableTables = known.unprintable.sorted()
      report.readTime = clock.now - start
    }
    return try await perform(report, on: known, since: before, drifts: !isKnown) { try $0.run(plan) }
  }

  /// Writes the chains of `change` that really differ from what was applied last.
  /// - Throws: also where the kernel's state is unknown: then a full sync is due.
  public func sync(partial change: RuleChange) async throws(ApplyError) -> ApplyReport {
    precondition(!isBusy, "two syncs of one family at a time")
    isBusy = true
    defer { isBusy = false }
    guard let known = image else { throw ApplyError(family: family, attempt: .partialSync) }
    let report = ApplyReport(family: family, scope: .partial)
    return try await perform(report, on: known, since: epoch, drifts: false) { try $0.run(change) }
  }

  /// Keeps what a sync has made of the kernel, unless somebody else changed that meanwhile.
  func adopt(_ image: KernelImage, since epoch: Int) {
    if epoch == self.epoch { self.image = image }
  }

  private func readKernel() async throws(ApplyError) -> KernelImage {
    let reader = Locked(KernelReader())
    do {
      try await commands.save(family, nil) { line in reader.withLock { $0.consume(line) } }
    } catch {
      throw ApplyError(family: family, attempt: .readingKernel, command: error)
    }
    for table in reader.value.unprintable {
      do throws(NetlinkError) {
        let contents = try await UnprintableTable.read(table, family, from: kernel) { KernelImage.isOurs($0.name) }
        reader.withLock { $0.add(contents) }
      } catch {
        throw ApplyError(family: family, attempt: .readingKernel, kernel: error)
      }
    }
    reader.withLock { $0.finish() }
    return reader.value.image
  }
}
