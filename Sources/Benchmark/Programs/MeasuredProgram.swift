import Applier
import ServiceModel

/// A service proxy that is measured from outside: the user's, or this program itself.
package struct MeasuredProgram: Hashable, Sendable, Codable {
  /// The modes of kube-proxy in which a peer can be measured.
  package enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
    case iptables, nftables
  }

  /// nil for this program.
  let peer: String?
  let mode: Mode
  /// Seconds without work after which the program counts as at rest.
  ///
  /// After a sync, kube-proxy and this program wait for `minSyncPeriod` before the next one. A change may lead to a
  /// second sync that long after its first one. That sync may write nothing, so it cannot be seen from outside, but it
  /// delays the next change. So this should be longer than two of these periods.
  let restTime: Double

  /// Longer than two times the default of `minSyncPeriod`, which is 1 s.
  package static let defaultRestTime = 2.5

  /// - Parameters:
  ///   - path: a program that takes kube-proxy's flags.
  ///   - restTime: in seconds.
  package init(path: String, mode: Mode, restTime: Double = defaultRestTime) {
    self.init(peer: path, mode: mode, restTime: restTime)
  }

  private init(peer: String?, mode: Mode, restTime: Double) {
    self.peer = peer
    self.mode = mode
    self.restTime = restTime
  }

  var isOwn: Bool { peer == nil }

  /// This program.
  static func own(restTime: Double = defaultRestTime) -> MeasuredProgram {
    MeasuredProgram(peer: nil, mode: .iptables, restTime: restTime)
  }

  /// As reports call it: `peer kube-proxy (nftables)`.
  var label: String {
    guard let peer else { return "swift-kube-proxy" }
    return "peer \(peer.split(separator: "/").last ?? "") (\(mode.rawValue))"
  }

  /// The command line that starts it as a node's proxy.
  ///
  /// Its timeouts and limits of conntrack are left as they are, because a network namespace cannot change all of them.
  /// Everything else that has a default keeps it, `minSyncPeriod` for example.
  func commandLine(server port: UInt16, _ scenario: Scenario) -> [String] {
    let flags = [
      "--master=http://127.0.0.1:\(port)", "--hostname-override=\(SyntheticCluster.nodeName)",
      "--proxy-mode=\(mode.rawValue)", "--conntrack-max-per-core=0", "--conntrack-min=0",
      "--conntrack-tcp-timeout-established=0s", "--conntrack-tcp-timeout-close-wait=0s", "--oom-score-adj=0",
    ]
    guard let peer else { return ["/proc/self/exe"] + flags + ["--iptables-backend=\(scenario.backend.rawValue)"] }
    return [peer] + flags
  }
}
