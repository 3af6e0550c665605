import IPTables
import ServiceModel

/// A tree of entries of one dispatch chain, split by their bits. The rules that lead into the tree stand in the
/// dispatch chain.
struct DispatchTree {
  private let chain: DispatchChain
  /// A block that contains all entries, so packets to other addresses skip the tree; nil for all addresses.
  private let scope: CIDR?
  private var root: DispatchNode?

  init(chain: DispatchChain, scope: CIDR?) {
    self.chain = chain
    self.scope = scope
  }

  /// A node of the tree that has its own chain, and the name of that chain.
  struct Part {
    let name: ChainName
    let node: DispatchNode
  }

  var count: Int { root?.count ?? 0 }

  /// All entries, in order.
  var entries: [DispatchEntry] { root?.allEntries() ?? [] }

  /// The entries of one destination, in order.
  func entries(at address: ClaimedAddress) -> [DispatchEntry] {
    root?.entries(at: DispatchBits(address)).filter { $0.key.transport == address.transport } ?? []
  }

  func forEachEntry(_ body: (DispatchEntry) -> Void) { root?.forEachEntry(body) }

  /// The tree with these entries, in any order, instead of its own.
  func filled(with entries: [DispatchEntry]) -> DispatchTree {
    var tree = self
    tree.root = entries.isEmpty ? nil : DispatchNode(entries.sorted { $0.key < $1.key }, depth: 0)
    return tree
  }

  /// Returns whether parts that are not on the entry's own path changed their shape.
  mutating func insert(_ entry: DispatchEntry) -> Bool {
    var reshaped = false
    root = root?.inserting(entry, depth: 0, reshaped: &reshaped) ?? DispatchNode([entry], depth: 0)
    return reshaped
  }

  /// Returns whether parts that are not on the entry's own path changed their shape.
  mutating func remove(_ entry: DispatchEntry) -> Bool {
    var reshaped = false
    root = root?.removing(entry, depth: 0, reshaped: &reshaped)
    return reshaped
  }

  /// The rules that lead into the tree.
  var rootRules: [Rule] {
    guard let root else { return [] }
    if let scope {
      return [Rule([.destination(.network(scope))], .jump(name(root, slot: DispatchTree.scopeSlot(scope))))]
    }
    return root.isLeaf || root.position == 0 ? rules(of: root) : jumps(to: root, slot: root.prefix)
  }

  /// All parts or, with `bits`, only those that an entry with these bits can change: the parts on the way to it, and
  /// small parts next to them.
  func parts(towards bits: DispatchBits? = nil) -> [Part] {
    guard let root else { return [] }
    if let scope { return parts(of: root, slot: DispatchTree.scopeSlot(scope), towards: bits) }
    if root.isLeaf { return [] }
    return root.position == 0
      ? childParts(of: root, towards: bits) : parts(of: root, slot: root.prefix, towards: bits)
  }

  func chain(of part: Part) -> Chain { Chain(chain.key.table, part.name, rules: rules(of: part.node)) }

  private func parts(of node: DispatchNode, slot: DispatchPrefix, towards bits: DispatchBits?) -> [Part] {
    [Part(name: name(node, slot: slot), node: node)] + childParts(of: node, towards: bits)
  }

  private func childParts(of node: DispatchNode, towards bits: DispatchBits?) -> [Part] {
    if let bits, node.count > DispatchNode.leafBound + 1 {
      guard !node.isLeaf, bits.commonPrefix(with: node.prefix.bits) >= node.position else { return [] }
      let slot = bits.slot(at: node.position)
      guard let child = node.children[slot], child.count > 1 else { return [] }
      return parts(of: child, slot: self.slot(slot, of: node), towards: bits)
    }
    return node.children.enumerated().flatMap { slot, child -> [Part] in
      guard let child, child.count > 1 else { return [] }
      return parts(of: child, slot: self.slot(slot, of: node), towards: nil)
    }
  }

  private func rules(of node: DispatchNode) -> [Rule] {
    if node.isLeaf { return node.entries.map(\.rule) }
    return node.children.enumerated().flatMap { slot, child -> [Rule] in
      guard let child else { return [] }
      // A chain for a single rule would cost more than it saves.
      return child.count == 1 ? child.entries.map(\.rule) : jumps(to: child, slot: self.slot(slot, of: node))
    }
  }

  private func jumps(to node: DispatchNode, slot: DispatchPrefix) -> [Rule] {
    let prefix = node.isLeaf ? slot : node.prefix
    let target = Target.jump(name(node, slot: slot))
    return prefix.matches(node.transports).map { Rule($0, target) }
  }

  /// A leaf is named after its place in the tree, and an inner part after the prefix that its entries share. Neither
  /// name changes when parts are inserted above it.
  private func name(_ node: DispatchNode, slot: DispatchPrefix) -> ChainName {
    let prefix = node.isLeaf ? slot : node.prefix
    let key = chain.key
    return ChainNaming.derived(
      .cluster, "dispatch", key.table.rawValue, key.name.description, scope?.description ?? "*", prefix.text)
  }

  private func slot(_ slot: Int, of node: DispatchNode) -> DispatchPrefix {
    let bits = node.prefix.bits
    return DispatchPrefix(bits.setting(slot, at: node.position), length: bits.next(after: node.position))
  }

  private static func scopeSlot(_ scope: CIDR) -> DispatchPrefix {
    DispatchPrefix(DispatchBits(scope.address), length: scope.prefixLength)
  }
}
