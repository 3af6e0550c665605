import IPTables

/// What a backend's tables hold that `--cleanup` has to know of, gathered from the lines of iptables-save.
struct CleanupScan: Sendable {
  /// Chains of ours or of kube-proxy's, KUBE-FIREWALL apart.
  private(set) var chains: [Table: Set<ChainName>] = [:]
  /// Rules in built-in chains that jump to ours, as they were read.
  private(set) var jumps: [ChainKey: [Rule]] = [:]
  /// Chains of ours that rules in foreign chains refer to.
  private(set) var foreignTargets: Set<ChainKey> = []
  /// KUBE-FIREWALL's rules; nil where there is no such chain.
  private(set) var firewall: [Rule]?
  /// Whether kubelet works with this backend and family.
  private(set) var hasKubelet = false
  /// Tables that iptables-nft-save did not print.
  private(set) var unprintable: [Table] = []
  private var parser = RestoreParser()

  mutating func consume(_ line: ArraySlice<UInt8>) {
    if let table = Table(notPrintedBySave: line) { unprintable.append(table) }
    // A line that cannot be read is nothing this program or kube-proxy writes.
    guard let event = try? parser.consume(line: line.span) else { return }
    switch event {
    case .chain(let key, _, _): note(key)
    case .append(let key, let rule, _): note(rule, in: key)
    default: break
    }
  }

  /// Adds a table that iptables-nft-save did not print.
  mutating func add(_ contents: UnprintableTable) {
    for chain in contents.chains { note(ChainKey(contents.table, chain)) }
    for chain in contents.chains {
      for rule in contents.rules[chain] ?? [] { note(rule, in: ChainKey(contents.table, chain)) }
    }
  }

  /// Whether the chain goes: one of iptables mode's or of ipvs mode's.
  static func isOurs(_ key: ChainKey) -> Bool { KernelImage.isOurs(key.name) || IPVSModeChains.contains(key) }

  private mutating func note(_ key: ChainKey) {
    if key.name == .kubeletHint || key.name == .kubeletCanary { hasKubelet = true }
    if KernelImage.isShared(key) {
      firewall = []
    } else if CleanupScan.isOurs(key) {
      chains[key.table, default: []].insert(key.name)
    }
  }

  private mutating func note(_ rule: Rule, in key: ChainKey) {
    if KernelImage.isShared(key) {
      firewall?.append(rule)
      return
    }
    guard !CleanupScan.isOurs(key), let target = rule.jumpTarget, CleanupScan.isOurs(ChainKey(key.table, target)) else {
      return
    }
    // A jump with a condition that was not read cannot be spelled for iptables-restore.
    let isSpellable = !unprintable.contains(key.table) || rule.isJumpOfAProxy
    if ChainName.builtIn(key.table).contains(key.name), isSpellable {
      jumps[key, default: []].append(rule)
    } else {
      foreignTargets.insert(ChainKey(key.table, target))
    }
  }
}

extension Rule {
  /// Whether all conditions are ones that a service proxy's jumps have.
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
