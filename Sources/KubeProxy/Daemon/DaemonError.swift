import Applier
import ServiceModel

/// Why the daemon cannot start or cannot continue.
package enum DaemonError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Neither iptables-nft nor iptables-legacy is installed.
  case noIPTables
  /// The kernel or the programs support no IP family; with the reason for each family.
  case noFamily([IPFamily: String])
  /// The system did not start an iptables program that is there, or killed it. The supervisor restarts the process,
  /// which tries again.
  case notStarted(CommandError)
  /// detectLocalMode NodeCIDR: the Node's pod CIDRs changed, so the process has to restart with the new ones.
  case podCIDRsChanged(from: [CIDR], to: [CIDR])
  /// The file that `--config` names changed. The supervisor restarts the process, which reads the new file.
  case configurationChanged(String)

  package var description: String {
    switch self {
    case .noIPTables: "iptables is not installed: neither iptables-nft-restore nor iptables-legacy-restore was found"
    case .noFamily(let reasons):
      "no IP family can be used: "
        + reasons.sorted { $0.key < $1.key }.map { "\($0.key.rawValue): \($0.value)" }.joined(separator: "; ")
    case .notStarted(let error): "\(error); exiting, so that the restarted proxy tries again"
    case .podCIDRsChanged(let old, let new):
      "the Node's pod CIDRs changed from \(old) to \(new); exiting, so that the restarted proxy uses them"
    case .configurationChanged(let path): "\(path) changed; exiting, so that the restarted proxy uses the new file"
    }
  }
}
