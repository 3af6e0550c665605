import IPTables

/// What `--cleanup` needs to know about a backend's tables, collected from the lines of iptables-save.
struct CleanupScan: Sendable {
  /// Chains of this program or of kube-proxy, without KUBE-FIREWALL.
  private(set) var chains: [Table: Set<ChainName>] = [:]
  /// Rules in built-in chains that jump to the proxy's chains.
  private(set) var jumps: [ChainKey: [Jump]] = [:]
  /// The proxy's chains that rules in foreign chains refer to.
  private(set) var foreignTargets: Set<ChainKey> = []
  /// The rules of KUBE-FIREWALL; nil if there is no such chain.
  private(set) var firewall: [Rule]?
  /// Whether the kubelet uses this backend and family.
  private(set) var hasKubelet = false
  /// Tables that iptables-nft-save did not print.
  private(set) var unprintable: [Table] = []
  private var parser = RestoreParser()

  /// A rule to delete with `-D`.
  struct Jump: Sendable {
    let chain: ChainKey
    let target: ChainName
    /// The form to delete it by, and others. iptables compares match modules in their order, so the form that
    /// iptables-save wrote comes first. For `-m recent`, iptables-save also writes a mask that the rule may not have.
    /// Then iptables finds only the form without it.
    let forms: [Rule]
  }

  mutating func consume(_ line: ArraySlice<UInt8>) {
    if let table = Table(notPrintedBySave: line) {
      unprintable.append(table)
      forget(table)
    }
    // A line that cannot be read is skipped: neither this program nor kube-proxy writes such a line.
    guard let event = try? parser.consume(line: line.span) else { return }
    switch event {
    case .chain(let key, _, _): note(key)
    case .append(let key, let rule, _):
      if let target = note(rule, in: key) {
        jumps[key, default: []].append(Jump(chain: key, target: target, forms: [parser.ruleAsWritten, rule]))
      }
    default: break
    }
  }

  private mutating func forget(_ table: Table) {
    chains[table] = nil
    jumps = jumps.filter { $0.key.table != table }
    foreignTargets = foreignTargets.filter { $0.table != table }
    if table == .filter { firewall = nil }
  }

  /// Adds a table that iptables-nft-save did not print.
  mutating func add(_ contents: UnprintableTable) {
    for chain in contents.chains { note(ChainKey(contents.table, chain)) }
    for chain in contents.chains {
      let key = ChainKey(contents.table, chain)
      for rule in contents.rules[chain] ?? [] {
        if let target = note(rule, in: key) {
          jumps[key, default: []].append(Jump(chain: key, target: target, forms: [rule]))
        }
      }
    }
  }

  /// The table's jumps stay, like the rules in foreign chains.
  mutating func keepJumps(of table: Table) {
    for (key, kept) in jumps where key.table == table {
      foreignTargets.formUnion(kept.map { ChainKey(table, $0.target) })
      jumps[key] = nil
    }
  }

  /// Whether the clean-up removes the chain: it belongs to iptables mode or ipvs mode.
  static func isOurs(_ key: ChainKey) -> Bool { key.name.isServiceProxys || IPVSModeChains.contains(key) }

  private mutating func note(_ key: ChainKey) {
    if key.name == .kubeletHint || key.name == .kubeletCanary { hasKubelet = true }
    if key.isSharedWithKubelet {
      firewall = []
    } else if CleanupScan.isOurs(key) {
      chains[key.table, default: []].insert(key.name)
    }
  }

  /// Returns the target if the rule is a jump to the proxy's chains that can be deleted.
  private mutating func note(_ rule: Rule, in key: ChainKey) -> ChainName? {
    if key.isSharedWithKubelet {
      firewall?.append(rule)
      return nil
    }
    guard !CleanupScan.isOurs(key), let target = rule.jumpTarget, CleanupScan.isOurs(ChainKey(key.table, target)) else {
      return nil
    }
    // If a condition of a jump could not be read, iptables-restore cannot delete the jump.
    let isSpellable = !unprintable.contains(key.table) || rule.isJumpOfAProxy
    if ChainName.builtIn(key.table).contains(key.name), isSpellable { return target }
    foreignTargets.insert(ChainKey(key.table, target))
    return nil
  }
}

extension Rule {
  /// Whether the rule is a jump and has only conditions that a service proxy's jumps have.
  fileprivate var isJumpOfAProxy: Bool {
    guard case .jump = target else { return false }
    return matches.allSatisfy { match in
      switch match {
      case .comment, .connectionState: true
      default: false
      }
    }
  }
}
