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
  private var parser = RestoreParser()

  mutating func consume(_ line: ArraySlice<UInt8>) {
    // A line that cannot be read is nothing this program or kube-proxy writes.
    guard let event = try? parser.consume(line: line.span) else { return }
    switch event {
    case .chain(let key, _, _): note(key)
    case .append(let key, let rule, _): note(rule, in: key)
    default: break
    }
  }

  private mutating func note(_ key: ChainKey) {
    if key.name == .kubeletHint || key.name == .kubeletCanary { hasKubelet = true }
    if KernelImage.isShared(key) {
      firewall = []
    } else if KernelImage.isOurs(key.name) {
      chains[key.table, default: []].insert(key.name)
    }
  }

  private mutating func note(_ rule: Rule, in key: ChainKey) {
    if KernelImage.isShared(key) {
      firewall?.append(rule)
      return
    }
    guard !KernelImage.isOurs(key.name), let target = rule.jumpTarget, KernelImage.isOurs(target) else { return }
    if ChainName.builtIn(key.table).contains(key.name) {
      jumps[key, default: []].append(rule)
    } else {
      foreignTargets.insert(ChainKey(key.table, target))
    }
  }
}
