import IPTables

extension TableTransaction {
  /// The transactions that delete many chains, `size` at a time.
  ///
  /// A chain can only be deleted if no rule refers to it, and the chains to delete refer to one another. So all of them
  /// are emptied before the first one is deleted. If there is only one transaction, it does both in this order.
  static func deletions(of names: [ChainName], flushing: [ChainName], in table: Table, size: Int) -> [TableTransaction]
  {
    let descending = names.sorted(by: >)
    if names.count + flushing.count <= size {
      return [TableTransaction(table: table, removals: descending, flushes: flushing)]
    }
    let emptying = pieces(of: flushing + descending, size).map { TableTransaction(table: table, flushes: $0) }
    let deleting = pieces(of: descending, size).map { TableTransaction(table: table, deletions: $0) }
    return emptying + deleting
  }

  private static func pieces(of names: [ChainName], _ size: Int) -> [[ChainName]] {
    stride(from: 0, to: names.count, by: size).map { Array(names[$0..<min($0 + size, names.count)]) }
  }
}
