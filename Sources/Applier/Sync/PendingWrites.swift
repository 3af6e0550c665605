import IPTables

/// Chains of one table that wait to be written.
struct PendingWrites {
  /// Service chains that are not in the kernel yet, so no packet reaches them.
  private var unreachable: [TableTransaction.Write] = []
  /// Service chains that are in the kernel with other rules.
  private var replaced: [TableTransaction.Write] = []
  /// Well-known chains whose rules must be in the kernel before the first service chain is replaced.
  private var leading: [TableTransaction.Write] = []
  /// The other well-known chains. Packets come from these to service chains.
  private var top: [TableTransaction.Write] = []
  private var unreachableAmount = Amount()
  private var replacedAmount = Amount()
  /// The part of `replacedAmount` that was not ready at the last request.
  private var deferredAmount = Amount()

  /// The number of lines of some chains, and the number of chain names in them.
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

  /// The size of a batch of unreachable chains.
  var unreachableSize: Int { unreachableAmount.size }

  /// The size of a batch of replaced chains, without those that were not ready at the last request.
  var replacedSize: Int { (replacedAmount - deferredAmount).size }

  var count: Int { leading.count + unreachable.count + replaced.count + top.count }

  mutating func add(_ write: TableTransaction.Write, isReachable: Bool, isLeading: Bool = false) {
    let chain = write.chain
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

  /// Returns the chains for which `isReady` is true: they refer to no chain that is still to be written. The others
  /// stay.
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
    defer { self = PendingWrites() }
    return leading + unreachable + replaced + top
  }
}
