import IPTables

extension Chain {
  /// The number of rules that jump to service chains.
  var jumpCount: Int { rules.count { $0.jumpTarget?.prefix != nil } }
}
