import Fixtures
import Foundation
import IPTables
import ServiceModel
import Testing

/// Captures of the real kube-proxy.
enum Golden {
  static func text(_ name: String, _ file: String) throws -> String {
    try String(contentsOf: Fixtures.kubeProxy.appending(path: "cases/\(name)/\(file)"), encoding: .utf8)
  }
}

@Suite(.timeLimit(.minutes(5))) struct GoldenRestoreTests {
  /// Chains whose order of rules is that of a Go map; the captures sort them.
  private static let unordered: Set<ChainName> = [.services, .externalServices, .nodePorts, .proxyFirewall]

  @Test(arguments: Fixtures.cases, IPFamily.allCases)
  func `the saved rules are the written rules`(_ name: String, _ family: IPFamily) throws {
    let version = family == .ipv4 ? "v4" : "v6"
    let written = try RuleSet(family: family, restoring: Golden.text(name, "restore.\(version).txt"))
    var compared = 0
    for table in [Table.nat, .filter] {
      let saved = try RuleSet(
        family: family, restoring: Golden.text(name, "expected.\(version).\(table.rawValue).save"))
      for chain in written.chains(of: table) {
        let rules = try #require(saved[table, chain.name], "\(table) \(chain.name)")
        if Self.unordered.contains(chain.name) {
          #expect(bag(rules) == bag(chain.rules), "\(table) \(chain.name)")
        } else {
          #expect(rules.map(\.canonical) == chain.rules.map(\.canonical), "\(table) \(chain.name)")
        }
        compared += 1
      }
      for chain in saved.chains(of: table) where chain.name.description.hasPrefix("KUBE-") {
        #expect(written[table, chain.name] != nil || chain.rules.isEmpty, "\(table) \(chain.name)")
      }
    }
    #expect(compared >= 8)
  }

  @Test(arguments: Fixtures.cases, IPFamily.allCases)
  func `each line of kube-proxy is rendered as it was parsed`(_ name: String, _ family: IPFamily) throws {
    let text = try Golden.text(name, "restore.\(family == .ipv4 ? "v4" : "v6").txt")
    var parser = RestoreParser()
    var renderer = Renderer()
    var compared = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard case .append(let chain, let rule, nil) = try parser.consume(line: line) else { continue }
      renderer.append(rule, to: chain.name)
      #expect(String(decoding: renderer.take().dropLast(), as: UTF8.self) == line)
      compared += 1
    }
    #expect(compared > 0)
  }

  private func bag(_ rules: [Rule]) -> [Rule: Int] {
    rules.reduce(into: [:]) { $0[$1.canonical, default: 0] += 1 }
  }
}
