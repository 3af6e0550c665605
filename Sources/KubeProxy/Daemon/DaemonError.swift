import ServiceModel

/// Why the daemon cannot start or go on.
public enum DaemonError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Neither iptables-nft nor iptables-legacy is installed.
  case noIPTables
  /// The kernel or the programs can do neither family; with what was wrong with each.
  case noFamily([IPFamily: String])
  /// Mode NodeCIDR: the Node's pod CIDRs changed, so that a restart has to begin with the new ones.
  case podCIDRsChanged(from: [CIDR], to: [CIDR])
  /// The file that `--config` names changed: the supervisor restarts the process with it.
  case configurationChanged(String)

  public var description: String {
    switch self {
    case .noIPTables: "iptables is not installed: neither iptables-nft-restore nor iptables-legacy-restore was found"
    case .noFamily(let reasons):
      "no IP family can be used: "
        + reasons.sorted { $0.key < $1.key }.map { "\($0.key.rawValue): \($0.value)" }.joined(separator: "; ")
    case .podCIDRsChanged(let old, let new):
      "the Node's pod CIDRs changed from \(old) to \(new); ending so that a restart begins with them"
    case .configurationChanged(let path): "\(path) changed; ending so that a restart begins with it"
    }
  }
}
