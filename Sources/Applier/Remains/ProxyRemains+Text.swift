import ServiceModel

extension ProxyRemains {
  /// Something that may decide for packets beside the rules that this program writes.
  public struct Warning: Sendable, Equatable, CustomStringConvertible {
    public let text: String
    /// What was found, by name.
    public let found: String

    public var description: String { "\(text): \(found)" }
  }

  /// What whoever uses this backend ought to know. nftables mode's tables are not among it.
  public func warnings(using backend: Backend) -> [Warning] {
    var warnings: [Warning] = []
    let others = Backend.allCases.filter { $0 != backend }.flatMap(proxying)
    if !others.isEmpty {
      warnings.append(
        Warning(
          text: """
            rules of an earlier proxy are in the other iptables backend and decide for new connections as well; --cleanup \
            removes the rules of both backends, and a start after it writes those that are wanted
            """, found: others.map(\.description).joined(separator: "; ")))
    }
    let ipvs = ipvsRemains
    if !ipvs.isEmpty {
      warnings.append(
        Warning(
          text: "rules of kube-proxy's ipvs mode are on this host; --cleanup removes its chains and names the rest",
          found: ipvs.joined(separator: "; ")))
    }
    return warnings
  }

  /// All that is there, by name, with what removes it where `--cleanup` does not.
  public var all: [String] {
    iptablesMode.map(\.description) + nftablesMode.map { "nft \($0.rawValue): table \(ProxyRemains.nftablesTable)" }
      + ipvsRemains
  }

  private var ipvsRemains: [String] {
    var found = ipvsMode.map(\.description)
    if hasIPVSInterface {
      found.append(
        "interface \(ProxyRemains.ipvsInterface) (ip link delete \(ProxyRemains.ipvsInterface); ipvsadm --clear)")
    }
    if !ipSets.isEmpty { found.append("IP sets \(ipSets.joined(separator: ", ")) (ipset destroy NAME)") }
    return found
  }
}
