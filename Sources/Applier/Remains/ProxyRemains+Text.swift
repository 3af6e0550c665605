import ServiceModel

extension ProxyRemains {
  /// Something that may decide about packets besides the rules that this program writes.
  package struct Warning: Sendable, Equatable, CustomStringConvertible {
    package let text: String
    /// What was found, by name.
    package let found: String

    package var description: String { "\(text): \(found)" }
  }

  /// The warnings if this program uses `backend`. They do not mention the tables of nftables mode.
  package func warnings(using backend: Backend) -> [Warning] {
    var warnings: [Warning] = []
    let others = Backend.allCases.filter { $0 != backend }.flatMap(proxying)
    if !others.isEmpty {
      warnings.append(
        Warning(
          text: """
            rules of an earlier proxy are in the other iptables backend and also translate new connections; run --cleanup, \
            which removes the rules of both backends, and start the proxy again
            """, found: others.map(\.description).joined(separator: "; ")))
    }
    let ipvs = ipvsRemains
    if !ipvs.isEmpty {
      warnings.append(
        Warning(
          text: """
            rules of kube-proxy's ipvs mode are on this host; --cleanup removes the chains, and lists what you have to \
            remove yourself
            """,
          found: ipvs.joined(separator: "; ")))
    }
    return warnings
  }

  /// Everything that was found, by name. For parts that `--cleanup` does not remove, the text names the command that
  /// does.
  package var all: [String] {
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
