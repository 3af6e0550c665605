import IPTables

/// The changes that a sync makes to the image. They are kept apart until the restore has succeeded.
struct ImageUpdate: Sendable {
  struct Entry: Sendable {
    var record: ChainRecord
    /// Whether its rules have been sent.
    var isWritten = false
    /// Whether the kernel has its rules in another order.
    var isReordered = false
  }

  private(set) var entries: [ChainKey: Entry] = [:]
  var removed: [ChainKey] = []
  var jumps: [ChainKey: [Rule]] = [:]
  var shared: [ChainKey: [Rule]] = [:]
  /// Chains that were created empty before their rules were sent.
  var declared: Set<ChainKey> = []

  mutating func set(_ record: ChainRecord, for key: ChainKey) { entries[key] = Entry(record: record) }

  /// Records that the kernel has the rules in another order and that the sync leaves them in that order.
  mutating func setReordered(_ record: ChainRecord, for key: ChainKey) {
    entries[key] = Entry(record: record, isReordered: true)
  }

  mutating func noteWritten(_ key: ChainKey) { entries[key]?.isWritten = true }

  func contains(_ key: ChainKey) -> Bool { entries[key] != nil }

  func isWritten(_ key: ChainKey) -> Bool { entries[key]?.isWritten ?? false }

  func apply(to image: KernelImage) {
    for (key, entry) in entries {
      image.set(entry.record, for: key)
      image.looseDigests[key] = nil
      if entry.isReordered { image.reordered.insert(key) } else { image.reordered.remove(key) }
    }
    for key in removed { image.set(nil, for: key) }
    for (key, rules) in jumps { image.jumps[key] = rules }
    for (key, rules) in shared { image.shared[key] = rules }
  }
}
