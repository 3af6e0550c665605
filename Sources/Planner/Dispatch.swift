import IPTables
import ServiceModel

/// Makes dispatch chains out of entries.
enum Dispatch {
  /// All dispatch chains, also those that stay empty.
  static func chains(for entries: [DispatchEntry], options: PlannerOptions) -> [Chain] {
    let frame = DispatchFrame(options: options)
    let grouped = Dictionary(grouping: entries, by: \.chain)
    return DispatchChain.allCases.map { chain in
      let sorted = (grouped[chain] ?? []).sorted { $0.key < $1.key }
      return Chain(chain.key.table, chain.key.name, rules: sorted.map(\.rule) + frame.trailing(chain))
    }
  }
}
