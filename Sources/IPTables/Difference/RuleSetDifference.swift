import ServiceModel

/// How rules that are differ from rules that should be, seen from the service proxy's chains.
///
/// Looks at the service proxy's chains and at the jumps that lead to them; all other rules are nobody's business, except
/// where they stand in between. Spelling does not matter, nor does the order of rules that exclude each other.
public struct RuleSetDifference: Sendable, Equatable {
  /// Ordered by table, chain and place.
  public private(set) var items: [DifferenceItem] = []

  /// - Parameters:
  ///   - actual: what is, for instance a kernel's rules.
  ///   - expected: what should be, jumps in built-in chains included.
  public init(from actual: RuleSet, to expected: RuleSet) {
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

  /// What is wrong, without remarks.
  public var deviations: [DifferenceItem] { items.filter { !$0.isRemark } }

  /// Whether the service proxy's rules are as they should be.
  public var isEmpty: Bool { items.allSatisfy(\.isRemark) }

  private static func compare(_ chain: ChainKey, _ actual: [Rule]?, _ expected: [Rule]?) -> [DifferenceItem] {
    switch (actual, expected) {
    case (nil, let rules?): [DifferenceItem(chain, .missingChain(rules))]
    // kubelet makes this chain as well.
    case (_?, nil) where chain.name == .kubeFirewall: []
    case (let rules?, nil): [DifferenceItem(chain, .extraChain(rules))]
    case (let actual?, let expected?): ChainDifference(chain, from: actual, to: expected).items
    case (nil, nil): []
    }
  }
}
