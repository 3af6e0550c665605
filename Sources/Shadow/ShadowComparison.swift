import IPTables
import Inspection
import Planner
import ServiceModel
import Synchronization
import System

/// Compares the kernel's rules of one family with a plan. All of its work is done at the lowest priority.
package struct ShadowComparison: Sendable {
  package let reading: any RuleReading

  package init(reading: any RuleReading) { self.reading = reading }

  /// Which part of the rules a comparison has looked at.
  package struct Scope: Sendable, Equatable {
    /// The service chains whose rules were read; nil for all.
    let chains: Set<ChainKey>?
    /// Service chains that differ and were left out, because there are too many.
    var omitted: Set<ChainKey> = []

    /// All rules.
    static let whole = Scope(chains: nil)

    /// Which chains exist, the chains that Services share, and the rules of these service chains.
    static func part(_ chains: Set<ChainKey>) -> Scope { Scope(chains: chains) }

    /// Whether the comparison looked at the place of a finding. If it looked and did not find it, the finding is gone.
    func covers(_ finding: ShadowFinding) -> Bool {
      guard !omitted.contains(finding.chain) else { return false }
      guard let chains, finding.chain.name.prefix != nil else { return true }
      switch finding.kind {
      case .missingChain, .extraChain: return true
      default: return chains.contains(finding.chain)
      }
    }
  }

  package struct Outcome: Sendable {
    package var findings: [ShadowFinding]
    package var scope: Scope
    /// The number of chains that differ but were not compared rule by rule, because there are too many.
    package var omitted: Int { scope.omitted.count }
  }

  /// At most this many differing service chains are compared rule by rule, so that the memory stays bounded.
  static let mostChains = 1000
  /// At most this many service chains are read one by one. For more, it takes less time to read the whole table.
  static let mostSingleChains = 256

  package func whole(_ plan: ClusterPlan) async throws -> Outcome {
    let planned = await ShadowComparison.idle { PlannedRules(plan) }
    let reader = Mutex(KernelViewReader(plan.family, digests: planned.digests))
    try await reading.readAll(plan.family) { line in reader.withLock { $0.consume(line) } }
    let (view, unprintable) = reader.withLock { reader in
      reader.finish()
      return (reader.view, reader.unprintable)
    }
    if let unprintable { throw ShadowError.unprintable(plan.family, unprintable) }
    return await ShadowComparison.idle { ShadowComparison.compare(view, planned, scope: .whole) }
  }

  /// Compares what costs little to read: which chains exist, the chains that all Services share, and the chains of
  /// these Services.
  package func part(_ plan: ClusterPlan, _ services: Set<NamespacedName>) async throws -> Outcome {
    let (planned, own) = await ShadowComparison.idle {
      let planned = PlannedRules(plan)
      return (planned, planned.chains(of: services).keys.sorted().prefix(ShadowComparison.mostSingleChains))
    }
    var view = KernelView(plan.family)
    var read = Set(own)
    for table in Table.allCases {
      let names = try await reading.chains(plan.family, of: table)
      for name in names.sorted() {
        let chain = ChainKey(table, name)
        if name.prefix != nil { view.serviceChains.insert(chain) }
        if KernelView.keeps(chain) || read.contains(chain) { try await add(chain, to: &view) }
        if name.prefix != nil, planned.digests[chain] == nil, read.count < ShadowComparison.mostSingleChains {
          // The comments of its rules may name the Service that it belonged to.
          try await add(chain, to: &view)
          read.insert(chain)
        }
      }
    }
    return await ShadowComparison.idle { [view, read] in
      ShadowComparison.compare(view, planned, scope: .part(read))
    }
  }

  private func add(_ chain: ChainKey, to view: inout KernelView) async throws {
    do {
      view.rules[chain.table, chain.name] = try await reading.rules(view.rules.family, of: chain)
    } catch {
      // The other proxy may have deleted the chain after its name was read.
      guard try await !reading.chains(view.rules.family, of: chain.table).contains(chain.name) else { throw error }
      view.serviceChains.remove(chain)
    }
  }

  /// Runs `work` on a thread of the lowest priority.
  private static func idle<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await OwnThread.runAnyway("shadow", priority: .idle, work)
  }

  static func compare(_ view: KernelView, _ planned: PlannedRules, scope: Scope) -> Outcome {
    var (actual, expected) = (view.rules, planned.rules)
    let missing = planned.digests.keys.filter { !view.serviceChains.contains($0) }
    let extra = view.serviceChains.filter { planned.digests[$0] == nil }
    let read = actual.tables.flatMap { table, chains in chains.keys.map { ChainKey(table, $0) } }
      .filter { $0.name.prefix != nil }
    // An extra chain that was not read belongs to an unknown Service. It would be another finding than after a whole
    // comparison.
    let unread = scope.chains.map { Set(extra).subtracting($0) } ?? []
    let differing = Set(missing).union(extra).union(read).subtracting(unread).sorted()
    let shown = Set(differing.prefix(mostChains))
    let omitted = unread.union(differing.dropFirst(mostChains))
    for chain in omitted { actual[chain.table, chain.name] = nil }
    for chain in extra where shown.contains(chain) && actual[chain.table, chain.name] == nil {
      actual[chain.table, chain.name] = []
    }
    let details = planned.details(of: shown.filter { planned.digests[$0] != nil })
    for (key, detail) in details { expected[key.table, key.name] = detail.chain.rules }
    let report = DifferenceReport(from: actual, to: expected, owners: details.compactMapValues(\.owner))
    let open =
      report.isEmpty
      ? nil
      : OpenChoices(
        from: actual, to: expected, plan: planned.plan, services: report.groups.lazy.compactMap(\.service))
    var findings = report.groups.flatMap { group in
      group.items.compactMap { item in
        ShadowFinding(item, service: group.service, isOpen: open?.explain(item, of: group.service) ?? false)
      }
    }
    findings += report.remarks.compactMap { ShadowFinding($0, service: nil, isOpen: false) }
    return Outcome(
      findings: ShadowFinding.numbered(findings), scope: Scope(chains: scope.chains, omitted: omitted))
  }
}

/// Why the kernel's rules cannot be compared.
enum ShadowError: Error, Hashable, CustomStringConvertible {
  case unprintable(IPFamily, Table)

  var description: String {
    switch self {
    case .unprintable(let family, let table):
      "iptables cannot read table \(table.nftName(family)) because it holds rules written by nft"
    }
  }
}
