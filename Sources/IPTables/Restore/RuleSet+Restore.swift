import ServiceModel

extension RuleSet {
  /// Reads iptables-save output. For iptables-restore input, the result is what iptables-restore creates in an empty
  /// kernel.
  package init(family: IPFamily, restoring bytes: borrowing Span<UInt8>) throws(RestoreSyntaxError) {
    self.init(family: family)
    var parser = RestoreParser()
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0a {
      if let event = try parser.consume(line: bytes.extracting(start..<index)) { apply(event) }
      start = index + 1
    }
    if start < bytes.count, let event = try parser.consume(line: bytes.extracting(start..<bytes.count)) {
      apply(event)
    }
  }

  /// Reads a string.
  package init(family: IPFamily, restoring text: some StringProtocol) throws(RestoreSyntaxError) {
    try self.init(family: family, restoring: Array(text.utf8).span)
  }

  /// Does what iptables-restore does. A declared chain is emptied.
  package mutating func apply(_ event: RestoreEvent) {
    switch event {
    case .table(let table): if tables[table] == nil { tables[table] = [:] }
    case .chain(let key, let policy, _):
      self[key.table, key.name] = []
      policies[key] = policy
    case .append(let key, let rule, _): tables[key.table, default: [:]][key.name, default: []].append(rule)
    case .insert(let key, let rule, let position):
      let count = self[key.table, key.name]?.count ?? 0
      tables[key.table, default: [:]][key.name, default: []].insert(rule, at: min(max(position, 1) - 1, count))
    case .remove(let key, let rule):
      let same = rule.canonical
      guard let index = self[key.table, key.name]?.firstIndex(where: { $0.canonical == same }) else { return }
      tables[key.table]?[key.name]?.remove(at: index)
    case .flush(let key): if self[key.table, key.name] != nil { self[key.table, key.name] = [] }
    case .delete(let key): self[key.table, key.name] = nil
    case .commit: break
    }
  }
}
