import IPTables
import ServiceModel

/// Why a command cannot use its sources, or has none.
enum SourceError: Error, CustomStringConvertible {
  case none
  case noObjects
  case rules(String, RestoreSyntaxError)
  case noIPTables
  /// iptables-nft-save prints nothing of this table.
  case unprintable(IPFamily, Table)
  /// None of the families is in use on this host.
  case noFamily(String)
  /// The file has no rules of the wanted families.
  case noRules(String, [IPFamily])
  /// The wanted node name, and the names of the existing Nodes.
  case noSuchNode(String, [String])
  /// A manifest has a syntax error, so it is not known which objects are missing.
  case incomplete(String)

  var description: String {
    switch self {
    case .none: "a source is needed: --manifests PATH, --kubeconfig FILE, --kernel or --rules FILE"
    case .noObjects:
      "the cluster's objects are needed to plan the expected rules: give --manifests PATH or --kubeconfig FILE"
    case .rules(let path, let error): "\(path): \(error)"
    case .noIPTables: "no iptables programs are installed"
    case .unprintable(let family, let table):
      "iptables cannot read table \(table.nftName(family)) because it holds rules written by nft: move them to a separate "
        + "table (nft list table \(table.nftName(family)) shows them)"
    case .noFamily(let reason): "there are no rules to read: \(reason)"
    case .noRules(let path, let families):
      "\(path) contains no\(families.count == 1 ? " \(families[0].rawValue)" : "") rules: output of iptables-save or "
        + "ip6tables-save is needed"
    case .noSuchNode(let name, let nodes): "there is no Node \(name); the objects have \(SourceError.few(nodes))"
    case .incomplete(let path): "\(path) cannot be read to its end, so the answer is not known"
    }
  }

  /// The first names and the number of all, because a cluster can have thousands.
  static func few(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", … (\(names.count))" : "")
  }
}
