import IPTables

/// The transactions that remove all rules and chains of this program and of kube-proxy from a table, and nothing else.
struct CleanupPlan: Sendable {
  private(set) var transactions: [TableTransaction] = []
  private(set) var report = CleanupReport()
  /// The jumps in built-in chains that the plan deletes.
  private(set) var jumps: [CleanupScan.Jump] = []
  private let deleted: Set<ChainName>

  /// - Parameter busy: chains that the kernel does not delete, because something refers to them.
  init(_ scan: CleanupScan, _ table: Table, busy: Set<ChainName> = [], deletionBatch: Int) {
    let firewall = CleanupPlan.firewallFate(scan)
    var names = scan.chains[table] ?? []
    if scan.hasKubelet { names = names.filter { !IPVSModeChains.isKubelets(ChainKey(table, $0)) } }
    var cut = TableTransaction(table: table)
    if table == .filter {
      if firewall == .delete { names.insert(.kubeFirewall) }
      if case .deleteRules(let rules) = firewall {
        cut.jumps.append(.init(chain: .kubeFirewall, repair: JumpRepair(removing: rules)))
      }
    }
    for chain in ChainName.builtIn(table) {
      let found = (scan.jumps[ChainKey(table, chain)] ?? []).filter { names.contains($0.target) }
      if found.isEmpty { continue }
      cut.jumps.append(.init(chain: chain, repair: JumpRepair(removing: found.compactMap(\.forms.first))))
      jumps += found
    }
    report.jumpsRemoved = jumps.count
    let kept = names.filter { busy.contains($0) || scan.foreignTargets.contains(ChainKey(table, $0)) }
    deleted = names.subtracting(kept)
    report.chainsKept = kept.sorted().map { ChainKey(table, $0) }
    report.chainsRemoved = deleted.count
    transactions = [cut]
    transactions += TableTransaction.deletions(
      of: Array(deleted), flushing: Array(kept), in: table, size: deletionBatch)
    transactions.removeAll(where: \.isEmpty)
  }

  /// Those of these chains that the plan deletes.
  func removed(_ chains: Set<ChainName>) -> Set<ChainName> { deleted.intersection(chains) }

  private enum FirewallFate: Equatable {
    case keep
    case deleteRules([Rule])
    case delete
  }

  /// The kubelet uses KUBE-FIREWALL too, with the same rule. If the kubelet runs on this host, the whole chain stays,
  /// as with kube-proxy. Otherwise the clean-up deletes the proxy's rule. It also deletes the chain, unless another
  /// program has added rules to it.
  private static func firewallFate(_ scan: CleanupScan) -> FirewallFate {
    guard let rules = scan.firewall, !scan.hasKubelet else { return .keep }
    let own = rules.filter(isLocalnetRule)
    if own.count == rules.count { return .delete }
    // The exact rule of a table that iptables-nft-save does not print is not known, so iptables-restore cannot delete
    // it.
    return own.isEmpty || scan.unprintable.contains(.filter) ? .keep : .deleteRules(own)
  }

  private static func isLocalnetRule(_ rule: Rule) -> Bool {
    rule.target == .drop
      && rule.matches.contains { match in
        if case .comment(let comment) = match { return comment.text == "block incoming localnet connections" }
        return false
      }
  }
}

extension JumpRepair {
  /// Removes these rules.
  init(removing rules: [Rule]) { removals = rules }
}
