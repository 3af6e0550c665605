import IPTables
import ServiceModel

/// A part of a dispatch tree: a leaf with few entries, or an inner part with up to eight smaller parts.
///
/// The tree is a radix tree with path compression, which is not split further where a part has few entries. Its shape
/// depends only on the set of entries, not on the order in which they were inserted.
final class DispatchNode {
  /// The number of entries in this part.
  private(set) var count: Int
  /// The entries of a leaf, in order; empty in an inner part.
  private(set) var entries: [DispatchEntry] = []
  /// The smaller parts by the three bits at `position`; empty in a leaf.
  private(set) var children: [DispatchNode?] = []
  /// The position at which the entries' bits begin to differ, rounded down to one at which a tree may split.
  private(set) var position = 0
  /// The bits of one of the entries.
  private(set) var sample: DispatchBits
  /// How many entries there are of each protocol.
  private var transportCounts: [TransportProtocol: Int] = [:]

  /// A part with more entries than this is split.
  static let leafBound = 32
  /// Parts at this depth are not split, because nf_tables allows 15 nested jumps. KUBE-SERVICES and the root take the
  /// first two. KUBE-FW- (or a second step of groups), KUBE-EXT-, KUBE-SVC-, a group, KUBE-SEP- and KUBE-MARK-MASQ take
  /// the last six.
  static let depthBound = 7

  var isLeaf: Bool { children.isEmpty }

  /// The protocols of its entries.
  var transports: Set<TransportProtocol> { Set(transportCounts.keys) }

  /// The prefix that all entries of an inner part share.
  var prefix: DispatchPrefix { DispatchPrefix(sample, length: position) }

  /// - Parameter entries: at least one, in order.
  init(_ entries: [DispatchEntry], depth: Int) {
    count = entries.count
    sample = DispatchBits(entries[0].key)
    settle(entries, depth: depth)
  }

  /// A new inner part above `node`. The caller adds the second child.
  private init(over node: DispatchNode, at position: Int) {
    count = node.count
    sample = node.sample
    transportCounts = node.transportCounts
    self.position = position
    children = Array(repeating: nil, count: 8)
    children[sample.slot(at: position)] = node
  }

  /// Replaces the content by these entries, in the shape that fits them.
  private func settle(_ entries: [DispatchEntry], depth: Int) {
    count = entries.count
    transportCounts = Dictionary(grouping: entries, by: \.key.transport).mapValues(\.count)
    self.entries = entries
    children = []
    sample = DispatchBits(entries[0].key)
    guard canSplit(entries, depth: depth) else { return }
    let split = DispatchNode.split(of: entries)
    position = split
    self.entries = []
    children = Array(repeating: nil, count: 8)
    for (slot, part) in Dictionary(grouping: entries, by: { DispatchBits($0.key).slot(at: split) }) {
      children[slot] = DispatchNode(part, depth: depth + 1)
    }
  }

  private func canSplit(_ entries: [DispatchEntry], depth: Int) -> Bool {
    entries.count > DispatchNode.leafBound && depth < DispatchNode.depthBound
      && DispatchNode.split(of: entries) < sample.width
  }

  /// The position at which these entries' bits begin to differ. Entries are sorted, so the first and the last share the
  /// fewest leading bits of address and port.
  private static func split(of entries: [DispatchEntry]) -> Int {
    let first = DispatchBits(entries[0].key)
    return first.floor(first.commonPrefix(with: DispatchBits(entries[entries.count - 1].key)))
  }

  /// Inserts an entry. Returns the part that replaces this one in its parent.
  ///
  /// - Parameter reshaped: set to true if parts that are not on the entry's own path changed their shape.
  func inserting(_ entry: DispatchEntry, depth: Int, reshaped: inout Bool) -> DispatchNode {
    let bits = DispatchBits(entry.key)
    if isLeaf {
      entries.insert(entry, at: entries.partitioningIndex { entry.key < $0.key })
      add(entry)
      // A leaf that cannot be split, because its entries have the same address and port, can become long.
      if canSplit(entries, depth: depth) { settle(entries, depth: depth) }
      return self
    }
    let shared = sample.floor(bits.commonPrefix(with: sample))
    guard shared >= position else {
      let parent = DispatchNode(over: self, at: shared)
      let leaf = DispatchNode([entry], depth: depth + 1)
      parent.children[bits.slot(at: shared)] = leaf
      parent.add(entry)
      if depth + parent.height > DispatchNode.depthBound {
        parent.settle(parent.allEntries(), depth: depth)
        reshaped = true
      }
      return parent
    }
    let slot = bits.slot(at: position)
    children[slot] =
      children[slot]?.inserting(entry, depth: depth + 1, reshaped: &reshaped) ?? DispatchNode([entry], depth: depth + 1)
    add(entry)
    return self
  }

  private func add(_ entry: DispatchEntry) {
    count += 1
    transportCounts[entry.key.transport, default: 0] += 1
  }

  private func subtract(_ entry: DispatchEntry) {
    count -= 1
    let left = transportCounts[entry.key.transport, default: 1] - 1
    transportCounts[entry.key.transport] = left > 0 ? left : nil
  }

  /// Removes an entry. Returns the part that replaces this one in its parent; nil if no entry is left.
  func removing(_ entry: DispatchEntry, depth: Int, reshaped: inout Bool) -> DispatchNode? {
    if isLeaf {
      let equals = entries[entries.partitioningIndex { !($0.key < entry.key) }...].prefix { $0.key == entry.key }
      guard let index = equals.firstIndex(of: entry) else { return self }
      entries.remove(at: index)
      subtract(entry)
      if let first = entries.first { sample = DispatchBits(first.key) }
      return entries.isEmpty ? nil : self
    }
    let bits = DispatchBits(entry.key)
    guard bits.commonPrefix(with: sample) >= position else { return self }
    let slot = bits.slot(at: position)
    guard let child = children[slot] else { return self }
    let before = child.count
    let left = child.removing(entry, depth: depth + 1, reshaped: &reshaped)
    if before != left?.count ?? 0 { subtract(entry) }
    children[slot] = left
    let rest = children.compactMap { $0 }
    if count <= DispatchNode.leafBound {
      settle(allEntries(), depth: depth)
    } else if rest.count == 1 {
      // Only one part is left, and its entries share more bits. It replaces this part, one level higher. A leaf at the
      // depth bound may hold so many entries that it can be split one level higher.
      if !rest[0].isLeaf, !rest[0].isOverfull { return rest[0] }
      settle(rest[0].allEntries(), depth: depth)
      reshaped = true
    } else {
      sample = rest[0].sample
    }
    return self
  }

  /// The number of levels down to the deepest leaf.
  private var height: Int { isLeaf ? 0 : 1 + children.reduce(0) { max($0, $1?.height ?? 0) } }

  /// Whether a leaf holds more entries than `leafBound`, so that it can be split further.
  private var isOverfull: Bool {
    isLeaf ? count > DispatchNode.leafBound : children.contains { $0?.isOverfull ?? false }
  }

  /// The entries with exactly these bits, in order.
  func entries(at bits: DispatchBits) -> [DispatchEntry] {
    if isLeaf { return entries.filter { DispatchBits($0.key) == bits } }
    return children[bits.slot(at: position)]?.entries(at: bits) ?? []
  }

  func forEachEntry(_ body: (DispatchEntry) -> Void) {
    entries.forEach(body)
    for child in children { child?.forEachEntry(body) }
  }

  /// The entries of all parts, in order.
  func allEntries() -> [DispatchEntry] {
    isLeaf ? entries : children.flatMap { $0?.allEntries() ?? [] }
  }
}

extension Array {
  /// The first index at which `predicate` holds, in an array where it holds from some index on.
  fileprivate func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
