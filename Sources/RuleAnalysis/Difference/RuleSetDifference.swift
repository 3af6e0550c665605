import IPTables
import ServiceModel

/// The difference between the actual and the expected rules in the service proxy's chains.
///
/// It compares the service proxy's chains and the jumps that lead to them. It reports rules of other programs only if
/// they stand in the proxy's chains or before its jumps. The spelling of rules does not matter, and neither does the
/// order of rules that exclude each other.
package struct RuleSetDifference: Sendable, Equatable {
  /// Ordered by table, chain and place.
  package private(set) var items: [DifferenceItem] = []

  /// - Parameters:
  ///   - actual: the rules that exist, for instance in the kernel.
  ///   - expected: the rules that should exist, including jumps in built-in chains.
  package init(from actual: RuleSet, to expected: RuleSet) {
    for table in Table.allCases {
      let names = Set(expected.tables[table, default: [:]].keys).union(actual.tables[table, default: [:]].keys)
      for name in names.sorted() {
        let chain = ChainKey(table, name)
        if ChainName.builtIn(table).contains(name) {
          let jumps = (expected[table, name] ?? []).filter { $0.jumpTarget?.isServiceProxys == true }
          items += JumpDifference(chain: chain, jumps: jumps, actual: actual[table, name] ?? []).items
        } else if name.isServiceProxys {
          items += RuleSetDifference.compare(chain, actual[table, name], expected[table, name])
        }
      }
    }
  }

  /// The differences without remarks.
  package var deviations: [DifferenceItem] { items.filter { !$0.isRemark } }

  /// Whether the service proxy's rules are as they should be.
  package var isEmpty: Bool { items.allSatisfy(\.isRemark) }

  private static func compare(_ chain: ChainKey, _ actual: [Rule]?, _ expected: [Rule]?) -> [DifferenceItem] {
    switch (actual, expected) {
    case (nil, let rules?): [DifferenceItem(chain, .missingChain(rules))]
    // The kubelet creates this chain too.
    case (_?, nil) where chain.name == .kubeFirewall: []
    case (let rules?, nil): [DifferenceItem(chain, .extraChain(rules))]
    case (let actual?, let expected?): ChainDifference(chain, from: actual, to: expected).items
    case (nil, nil): []
    }
  }
}
