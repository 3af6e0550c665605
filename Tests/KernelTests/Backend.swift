import Lab
import ServiceModel
import Testing

/// Where the kernel keeps the rules.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
  case nft, legacy

  var testDescription: String { rawValue }

  private func program(_ family: IPFamily, _ verb: String) -> String {
    (family == .ipv4 ? "iptables" : "ip6tables") + "-\(rawValue)" + verb
  }

  func iptables(_ family: IPFamily) -> String { program(family, "") }
  func save(_ family: IPFamily) -> String { program(family, "-save") }
  func restore(_ family: IPFamily) -> String { program(family, "-restore") }

  /// All rules of a namespace without comment lines and counters, one a line.
  func rules(_ family: IPFamily, in namespace: NetworkNamespace) async throws -> [String] {
    try await Command([save(family)]).run(in: namespace).split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") }.map { $0.replacing(/\[\d+:\d+\]/, with: "[0:0]") }
  }
}
