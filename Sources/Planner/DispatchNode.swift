import IPTables
import ServiceModel

/// A part of a dispatch tree: few entries, or up to eight smaller parts.
///
/// The shape is that of a radix tree with path compression, cut off where a part has few entries. It follows from the
/// set of entries alone, in whatever order they came.
final class DispatchNode {
  /// Entries in this part.
  private(set) var count: Int
  /// In order; empty unless it is a leaf.
  private(set) var entries: [DispatchEntry] = []
  /// By the three bits at `position`; empty if it is a leaf.
  private(set) var children: [DispatchNode?] = []
  /// Where the entries' bits begin to differ, rounded down to where a tree may split.
  private(set) var position = 0
  /// The bits of one of the entries.
  private(set) var sample: DispatchBits
  /// How many entries there are of each protocol.
  private var transportCounts: [TransportProtocol: Int] = [:]

  /// A part with more entries than this is split.
  static let leafBound = 32
  /// Deeper down, parts are no longer split: nf_tables takes 15 nested jumps. KUBE-SERVICES and the root are the first
  /// two, KUBE-FW- (or a second step of groups), KUBE-EXT-, KUBE-SVC-, a group, KUBE-SEP- and KUBE-MARK-MASQ the last six.
  static let depthBound = 7

  var isLeaf: Bool { children.isEmpty }

  /// The protocols of its entries.
  var transports: Set<TransportProtocol> { Set(transportCounts.keys) }

  /// What all entries of an inner part have in common.
  var prefix: DispatchPrefix { DispatchPrefix(sample, length: position) }

  /// - Parameter entries: at least one, in order.
  init(_ entries: [DispatchEntry], depth: Int) {
    count = entries.count
    sample = DispatchBits(entries[0].key)
    settle(entries, depth: depth)
  }

  /// An inner part over two others.
  private init(over node: DispatchNode, at position: Int) {
    count = node.count
    sample = node.sample
    transportCounts = node.transportCounts
    self.position = position
    children = Array(repeating: nil, count: 8)
    children[sample.slot(at: position)] = node
  }

  /// Takes the shape that fits these entries.
  private func settle(_ entries: [DispatchEntry], depth: Int) {
    count = entries.count
    transportCounts = Dictionary(grouping: entries, by: \.key.transport).mapValues(\.count)
    self.entries = entries
    children = []
    guard count > DispatchNode.leafBound, depth < DispatchNode.depthBound else { return }
    // Sorted entries differ most between the first and the last, as far as address and port go.
    sample = DispatchBits(entries[0].key)
    let split = sample.floor(sample.commonPrefix(with: DispatchBits(entries[count - 1].key)))
    guard split < sample.width else { return }
    position = split
    self.entries = []
    children = Array(repeating: nil, count: 8)
    for (slot, part) in Dictionary(grouping: entries, by: { DispatchBits($0.key).slot(at: split) }) {
      children[slot] = DispatchNode(part, depth: depth + 1)
    }
  }

  /// Puts an entry in. Returns the part that now stands in this one's place.
  ///
  /// - Parameter reshaped: set to true if parts beside the entry's own path took another shape.
  func inserting(_ entry: DispatchEntry, depth: Int, reshaped: inout Bool) -> DispatchNode {
    let bits = DispatchBits(entry.key)
    if isLeaf {
      var all = entries
      let place = all.partitioningIndex { entry.key < $0.key }
      all.insert(entry, at: place)
      settle(all, depth: depth)
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

  /// Takes an entry out. Returns the part that now stands in this one's place; nil if nothing is left.
  func removing(_ entry: DispatchEntry, depth: Int, reshaped: inout Bool) -> DispatchNode? {
    if isLeaf {
      guard let index = entries.firstIndex(of: entry) else { return self }
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
      // Its entries have more in common now: the one part left takes this one's place, one step higher up.
      // At the depth bound a leaf may hold what can now be split.
      if !rest[0].isLeaf, !rest[0].isOverfull { return rest[0] }
      settle(rest[0].allEntries(), depth: depth)
      reshaped = true
    } else {
      sample = rest[0].sample
    }
    return self
  }

  /// Steps down to the deepest leaf.
  private var height: Int { isLeaf ? 0 : 1 + children.reduce(0) { max($0, $1?.height ?? 0) } }

  /// Whether a leaf holds more than a part may that can be split further.
  private var isOverfull: Bool {
    isLeaf ? count > DispatchNode.leafBound : children.contains { $0?.isOverfull ?? false }
  }

  /// The entries whose bits are these, in order.
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
