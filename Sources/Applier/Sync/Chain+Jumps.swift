import IPTables

extension Chain {
  /// Rules that lead to service chains.
  var jumpCount: Int { rules.count { $0.jumpTarget?.prefix != nil } }
}
