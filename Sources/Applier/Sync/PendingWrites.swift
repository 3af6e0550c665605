import IPTables

/// Chains of one table that wait to be written.
struct PendingWrites {
  /// False where nothing is sent before the end: all chains wait at once then, and do so without their rules.
  let keepsRules: Bool
  /// Service chains that are not in the kernel yet: nothing reaches them.
  private var unreachable: [TableTransaction.Write] = []
  /// Service chains that are there, with other rules.
  private var replaced: [TableTransaction.Write] = []
  /// Well-known chains that replaced service chains rely on.
  private var leading: [TableTransaction.Write] = []
  /// The other well-known chains, from which packets come.
  private var top: [TableTransaction.Write] = []
  private var unreachableAmount = Amount()
  private var replacedAmount = Amount()
  /// Of these, the ones that were not ready when they were last asked for.
  private var deferredAmount = Amount()

  /// Lines of chains and the names in them.
  private struct Amount {
    private var rules = 0
    private var names = 0

    var size: Int { StagingPolicy.size(rules: rules, names: names) }

    mutating func add(_ chain: Chain) {
      rules += chain.rules.count + 1
      names += chain.jumpCount + 1
    }

    static func - (left: Amount, right: Amount) -> Amount {
      var difference = left
      difference.rules -= right.rules
      difference.names -= right.names
      return difference
    }
  }

  /// How large a batch of unreachable chains is.
  var unreachableSize: Int { unreachableAmount.size }

  /// How large a batch of replaced chains is, without those that were not ready when they were last asked for.
  var replacedSize: Int { (replacedAmount - deferredAmount).size }

  init(keepsRules: Bool) { self.keepsRules = keepsRules }

  var count: Int { leading.count + unreachable.count + replaced.count + top.count }

  mutating func add(_ chain: Chain, isReachable: Bool, replaces: Bool = true, isLeading: Bool = false) {
    // One that only gets more rules is not as the plan has it.
    let write = TableTransaction.Write(chain, replaces: replaces, keepsRules: keepsRules || !replaces)
    if isLeading {
      leading.append(write)
    } else if !isReachable {
      unreachable.append(write)
      unreachableAmount.add(chain)
    } else if chain.name.prefix != nil {
      replaced.append(write)
      replacedAmount.add(chain)
    } else {
      top.append(write)
    }
  }

  mutating func takeUnreachable() -> [TableTransaction.Write] {
    defer {
      unreachable = []
      unreachableAmount = Amount()
    }
    return unreachable
  }

  mutating func takeLeading() -> [TableTransaction.Write] {
    defer { leading = [] }
    return leading
  }

  /// Those that `isReady`, which refer to nothing that is yet to come. The others stay.
  mutating func takeReplaced(where isReady: (Chain) -> Bool) -> [TableTransaction.Write] {
    var taken: [TableTransaction.Write] = []
    var left: [TableTransaction.Write] = []
    for write in replaced {
      if isReady(write.chain) { taken.append(write) } else { left.append(write) }
    }
    replaced = left
    replacedAmount = left.reduce(into: Amount()) { $0.add($1.chain) }
    deferredAmount = replacedAmount
    return taken
  }

  mutating func takeAll() -> [TableTransaction.Write] {
    defer { self = PendingWrites(keepsRules: keepsRules) }
    return leading + unreachable + replaced + top
  }
}
