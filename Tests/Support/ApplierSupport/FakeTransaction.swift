import IPTables

/// A restore that the fake kernel refuses, or that was killed (no message).
struct FakeRestoreError: Error {
  var message: String?
}

/// Runs restore input on rules in memory, with the checks that the kernel makes.
enum FakeTransaction {
  /// Returns the rules after the last COMMIT. `onCommit` gets them after each one; false kills the restore.
  static func run(
    _ text: String, on rules: RuleSet, _ onCommit: (RuleSet) -> Bool
  ) throws(FakeRestoreError) -> RuleSet {
    var committed = rules
    var working = rules
    var parser = RestoreParser()
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let number = index + 1
      let event: RestoreEvent?
      do {
        event = try parser.consume(line: line)
      } catch {
        throw FakeRestoreError(message: "line \(number) failed: \(error)")
      }
      guard let event else { continue }
      if let problem = problem(event, working) { throw FakeRestoreError(message: "line \(number) failed: \(problem)") }
      working.apply(event)
      if case .commit = event {
        guard onCommit(working) else { throw FakeRestoreError(message: nil) }
        committed = working
      }
    }
    return committed
  }

  private static func problem(_ event: RestoreEvent, _ rules: RuleSet) -> String? {
    switch event {
    case .append(let key, let rule, _), .insert(let key, let rule, _):
      guard rules[key.table, key.name] != nil else { return "no chain \(key.name)" }
      guard let target = rule.jumpTarget, rules[key.table, target] == nil else { return nil }
      return "no target chain \(target)"
    case .remove(let key, let rule):
      let same = rule.canonical
      let isThere = rules[key.table, key.name]?.contains { $0.canonical == same } ?? false
      return isThere ? nil : "no such rule"
    case .flush(let key): return rules[key.table, key.name] == nil ? "no chain \(key.name)" : nil
    case .delete(let key): return deletionProblem(key, rules)
    case .table, .chain, .commit: return nil
    }
  }

  private static func deletionProblem(_ key: ChainKey, _ rules: RuleSet) -> String? {
    guard let own = rules[key.table, key.name] else { return "no chain \(key.name)" }
    guard own.isEmpty else { return "\(key.name) is not empty" }
    let isUsed = rules.tables[key.table]?.values.contains { $0.contains { $0.jumpTarget == key.name } } ?? false
    return isUsed ? "\(key.name) is in use" : nil
  }
}
