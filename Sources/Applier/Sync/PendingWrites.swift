import IPTables

/// Chains of one table that wait to be written.
struct PendingWrites {
  /// False where nothing is sent before the end: all chains wait at once then, and do so without their rules.
  let keepsRules: Bool
  /// Service chains that are not in the kernel yet: nothing reaches them.
  private var unreachable: [TableTransaction.Write] = []
  /// Service chains that are there, with other rules.
  private var replaced: [TableTransaction.Write] = []
  /// The well-known chains, from which packets come.
  private var top: [TableTransaction.Write] = []
  private(set) var unreachableRules = 0
  private(set) var replacedRules = 0
  /// Of these, the ones that were not ready when they were last asked for.
  private(set) var deferredRules = 0

  init(keepsRules: Bool) { self.keepsRules = keepsRules }

  var count: Int { unreachable.count + replaced.count + top.count }

  mutating func add(_ chain: Chain, isReachable: Bool, replaces: Bool = true) {
    // One that only gets more rules is not as the plan has it.
    let write = TableTransaction.Write(chain, replaces: replaces, keepsRules: keepsRules || !replaces)
    if !isReachable {
      unreachable.append(write)
      unreachableRules += chain.rules.count + 1
    } else if chain.name.prefix != nil {
      replaced.append(write)
      replacedRules += chain.rules.count + 1
    } else {
      top.append(write)
    }
  }

  mutating func takeUnreachable() -> [TableTransaction.Write] {
    defer {
      unreachable = []
      unreachableRules = 0
    }
    return unreachable
  }

  /// Those that `isReady`, which refer to nothing that is yet to come. The others stay.
  mutating func takeReplaced(where isReady: (Chain) -> Bool) -> [TableTransaction.Write] {
    var taken: [TableTransaction.Write] = []
    var left: [TableTransaction.Write] = []
    for write in replaced {
      if isReady(write.chain) { taken.append(write) } else { left.append(write) }
    }
    replaced = left
    replacedRules = left.reduce(0) { $0 + $1.ruleCount + 1 }
    deferredRules = replacedRules
    return taken
  }

  mutating func takeAll() -> [TableTransaction.Write] {
    defer { self = PendingWrites(keepsRules: keepsRules) }
    return unreachable + replaced + top
  }
}
