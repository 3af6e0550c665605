import IPTables

/// What a sync makes of the image, kept apart until the restore has succeeded.
struct ImageUpdate: Sendable {
  struct Entry: Sendable {
    var record: ChainRecord
    /// Whether its rules have been sent.
    var isWritten = false
  }

  private(set) var entries: [ChainKey: Entry] = [:]
  var removed: [ChainKey] = []
  var jumps: [ChainKey: [Rule]] = [:]
  var shared: [ChainKey: [Rule]] = [:]
  /// Chains that have been made empty ahead of their rules.
  var declared: Set<ChainKey> = []

  mutating func set(_ record: ChainRecord, for key: ChainKey) { entries[key] = Entry(record: record) }

  mutating func noteWritten(_ key: ChainKey) { entries[key]?.isWritten = true }

  func contains(_ key: ChainKey) -> Bool { entries[key] != nil }

  func isWritten(_ key: ChainKey) -> Bool { entries[key]?.isWritten ?? false }

  func apply(to image: KernelImage) {
    for (key, entry) in entries {
      image.set(entry.record, for: key)
      image.looseDigests[key] = nil
    }
    for key in removed { image.set(nil, for: key) }
    for (key, rules) in jumps { image.jumps[key] = rules }
    for (key, rules) in shared { image.shared[key] = rules }
  }
}
