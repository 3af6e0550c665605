import ServiceModel

/// The addresses that two or more Services claim. The cost of an update depends only on what changed.
struct ClashIndex {
  private(set) var clashes: [ClaimedAddress: AddressClash] = [:]
  /// Addresses whose clash appeared, changed or ended since the last `takeChanged`.
  private var changed: Set<ClaimedAddress> = []

  init() {}

  /// All clashes of these tables.
  init(_ finder: ClaimFinder) {
    for address in finder.candidates() { clashes[address] = finder.clash(at: address) }
  }

  /// Checks the addresses of entries that were added or removed. The finder must hold the tables after the change.
  mutating func update(removed: [DispatchEntry], inserted: [DispatchEntry], _ finder: ClaimFinder) {
    // Most changes concern endpoints only and leave the entries as they are.
    guard removed != inserted else { return }
    let entries = Set(removed.filter(ClaimFinder.isClaim))
      .symmetricDifference(inserted.filter(ClaimFinder.isClaim))
    for address in Set(entries.flatMap(finder.addresses)) {
      let clash = finder.clash(at: address)
      if clashes[address] != clash { changed.insert(address) }
      clashes[address] = clash
    }
  }

  mutating func takeChanged() -> Set<ClaimedAddress> {
    defer { changed = [] }
    return changed
  }
}

extension ClusterPlan {
  /// All clashes, in order.
  package var clashes: [AddressClash] {
    var entries: [DispatchChain: [DispatchEntry]] = [:]
    forEachServicePort { plan in
      for entry in plan.dispatch where ClaimFinder.isClaim(entry) { entries[entry.chain, default: []].append(entry) }
    }
    let tables = Dictionary(
      uniqueKeysWithValues: entries.map { ($0, DispatchTable($0, options: options, entries: $1)) })
    return ClashIndex(ClaimFinder(tables: tables, options: options)).clashes.values.sorted { $0.address < $1.address }
  }
}
