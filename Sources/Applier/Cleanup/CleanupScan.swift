import IPTables

/// What `--cleanup` needs to know about a backend's tables, collected from the lines of iptables-save.
struct CleanupScan: Sendable {
  /// Chains of this program or of kube-proxy, without KUBE-FIREWALL.
  private(set) var chains: [Table: Set<ChainName>] = [:]
  /// Rules in built-in chains that jump to the proxy's chains, as iptables-save wrote them.
  private(set) var jumps: [ChainKey: [Rule]] = [:]
  /// The proxy's chains that rules in foreign chains refer to.
  private(set) var foreignTargets: Set<ChainKey> = []
  /// The rules of KUBE-FIREWALL; nil if there is no such chain.
  private(set) var firewall: [Rule]?
  /// Whether the kubelet uses this backend and family.
  private(set) var hasKubelet = false
  /// Tables that iptables-nft-save did not print.
  private(set) var unprintable: [Table] = []
  private var parser = RestoreParser()

  mutating func consume(_ line: ArraySlice<UInt8>) {
    if let table = Table(notPrintedBySave: line) { unprintable.append(table) }
    // A line that cannot be read is skipped: neither this program nor kube-proxy writes such a line.
    guard let event = try? parser.consume(line: line.span) else { return }
    switch event {
    case .chain(let key, _, _): note(key)
    case .append(let key, let rule, _):
      if note(rule, in: key) { jumps[key, default: []].append(parser.ruleAsWritten) }
    default: break
    }
  }

  /// Adds a table that iptables-nft-save did not print.
  mutating func add(_ contents: UnprintableTable) {
    for chain in contents.chains { note(ChainKey(contents.table, chain)) }
    for chain in contents.chains {
      let key = ChainKey(contents.table, chain)
      for rule in contents.rules[chain] ?? [] where note(rule, in: key) { jumps[key, default: []].append(rule) }
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

  /// Returns whether the rule is a jump to the proxy's chains that iptables-restore can delete.
  private mutating func note(_ rule: Rule, in key: ChainKey) -> Bool {
    if key.isSharedWithKubelet {
      firewall?.append(rule)
      return false
    }
    guard !CleanupScan.isOurs(key), let target = rule.jumpTarget, CleanupScan.isOurs(ChainKey(key.table, target)) else {
      return false
    }
    // If a condition of a jump could not be read, iptables-restore cannot delete the jump.
    let isSpellable = !unprintable.contains(key.table) || rule.isJumpOfAProxy
    if ChainName.builtIn(key.table).contains(key.name), isSpellable { return true }
    foreignTargets.insert(ChainKey(key.table, target))
    return false
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
