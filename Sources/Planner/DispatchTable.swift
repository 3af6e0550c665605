import IPTables
import ServiceModel

/// One dispatch chain with all its entries: a flat list if there are few, trees if there are many.
struct DispatchTable {
  let chain: DispatchChain
  private let options: PlannerOptions
  private var trees: [DispatchTree]
  /// The names of the chains below the dispatch chain, as of the last update.
  private var names: Set<ChainName> = []

  /// Up to this many entries the chain looks exactly as kube-proxy writes it.
  static let flatBound = 100

  init(_ chain: DispatchChain, options: PlannerOptions, entries: [DispatchEntry] = []) {
    self.chain = chain
    self.options = options
    trees = (options.serviceSubnets.map(Optional.some) + [nil, nil]).map { DispatchTree(chain: chain, scope: $0) }
    let parts = Dictionary(grouping: entries) { place(of: $0.key.address) }
    for (place, entries) in parts { trees[place] = trees[place].filled(with: entries) }
    names = Set(isIndexed ? trees.flatMap { $0.parts().map(\.name) } : [])
  }

  /// The dispatch chain itself and all chains below it.
  var chains: [Chain] { [head] + lowerChains }

  /// The entries of one destination, in order.
  func entries(at address: ClaimedAddress) -> [DispatchEntry] { trees[place(of: address.address)].entries(at: address) }

  /// Visits all entries. The entries of one destination follow one another, in order.
  func forEachEntry(_ body: (DispatchEntry) -> Void) {
    for tree in trees { tree.forEachEntry(body) }
  }

  /// Replaces entries. Returns the chains that may have changed and those that are gone.
  mutating func update(removing old: [DispatchEntry], inserting new: [DispatchEntry]) -> RuleChange {
    let removed = surplus(of: old, over: new)
    let inserted = surplus(of: new, over: old)
    guard !removed.isEmpty || !inserted.isEmpty else { return RuleChange() }

    let wasIndexed = isIndexed
    var touched = Touched()
    var isReshaped = false
    for entry in removed {
      isReshaped = change(entry, touched: &touched) { $0.remove(entry) } || isReshaped
    }
    for entry in inserted {
      isReshaped = change(entry, touched: &touched) { $0.insert(entry) } || isReshaped
    }
    return isReshaped || wasIndexed != isIndexed ? settleWhole() : settle(touched)
  }

  /// Entries that `left` contains more often than `right`. Equal entries are counted.
  private func surplus(of left: [DispatchEntry], over right: [DispatchEntry]) -> [DispatchEntry] {
    var matched = Dictionary(right.map { ($0, 1) }, uniquingKeysWith: +)
    return left.filter { entry in
      guard let count = matched[entry], count > 0 else { return true }
      matched[entry] = count - 1
      return false
    }
  }

  /// The names of the parts on the path of an updated entry, each with the bits that lead to the part.
  private typealias Touched = [ChainName: Way]
  private struct Way {
    let tree: Int
    let bits: DispatchBits
  }

  private mutating func change(
    _ entry: DispatchEntry, touched: inout Touched, by body: (inout DispatchTree) -> Bool
  ) -> Bool {
    let tree = place(of: entry.key.address)
    guard options.dispatch != .flat else { return body(&trees[tree]) }
    let bits = DispatchBits(entry.key)
    for part in trees[tree].parts(towards: bits) { touched[part.name] = Way(tree: tree, bits: part.node.sample) }
    let isReshaped = body(&trees[tree])
    for part in trees[tree].parts(towards: bits) { touched[part.name] = Way(tree: tree, bits: part.node.sample) }
    return isReshaped
  }

  private mutating func settleWhole() -> RuleChange {
    let chains = lowerChains
    let now = Set(chains.map(\.name))
    let gone = names.subtracting(now)
    names = now
    return RuleChange(chains: [head] + chains, removed: keys(gone))
  }

  private mutating func settle(_ touched: Touched) -> RuleChange {
    guard isIndexed else { return RuleChange(chains: [head]) }
    var current: [Chain] = []
    var gone: Set<ChainName> = []
    for (name, way) in touched {
      let tree = trees[way.tree]
      if let part = tree.parts(towards: way.bits).first(where: { $0.name == name }) {
        current.append(tree.chain(of: part))
        names.insert(name)
      } else if names.remove(name) != nil {
        gone.insert(name)
      }
    }
    return RuleChange(chains: [head] + current.sorted { $0.name < $1.name }, removed: keys(gone))
  }

  private func keys(_ names: Set<ChainName>) -> [ChainKey] {
    names.sorted().map { ChainKey(chain.key.table, $0) }
  }

  private var isIndexed: Bool {
    switch options.dispatch {
    case .flat: false
    case .indexed: true
    case .auto: trees.reduce(0) { $0 + $1.count } > DispatchTable.flatBound
    }
  }

  private var head: Chain {
    let rules =
      isIndexed ? trees.flatMap(\.rootRules) : trees.flatMap(\.entries).sorted { $0.key < $1.key }.map(\.rule)
    return Chain(chain.key.table, chain.key.name, rules: rules + DispatchFrame(options: options).trailing(chain))
  }

  private var lowerChains: [Chain] {
    isIndexed ? trees.flatMap { tree in tree.parts().map(tree.chain) } : []
  }

  /// The index of the tree for an address. There is one tree for each service subnet, then one for all other addresses,
  /// then one for node ports.
  private func place(of address: IPAddress?) -> Int {
    guard let address else { return options.serviceSubnets.count + 1 }
    return options.serviceSubnets.firstIndex { $0.contains(address) } ?? options.serviceSubnets.count
  }
}
