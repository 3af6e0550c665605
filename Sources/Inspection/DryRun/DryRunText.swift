import IPTables
import Planner
import ServiceModel

/// Writes a plan as input for `iptables-restore --noflush` on an empty kernel, with the jumps in built-in chains.
package struct DryRunText: Sendable {
  /// Takes output piece by piece.
  package typealias Sink = (_ bytes: [UInt8]) throws -> Void

  private let plan: ClusterPlan

  package init(_ plan: ClusterPlan) { self.plan = plan }

  /// Writes one table after the other, each as one transaction. The same plan always gives the same bytes.
  package func write(to sink: @escaping Sink) throws {
    let program = plan.family == .ipv4 ? "iptables-restore" : "ip6tables-restore"
    try sink(Array("# \(plan.family.rawValue): for \(program) --noflush\n".utf8))
    // The nat table is by far the largest. Its rules are planned a second time, because keeping them costs memory.
    var names: [ChainName] = []
    var small: [Table: [Chain]] = [:]
    plan.forEachChain { chain in
      if chain.table == .nat { names.append(chain.name) } else { small[chain.table, default: []].append(chain) }
    }
    for table in Table.allCases {
      let chains = small[table] ?? []
      try write(table, names: table == .nat ? names : chains.map(\.name), to: sink) { body in
        if table == .nat {
          try plan.forEachChain { if $0.table == .nat { try body($0) } }
        } else {
          try chains.forEach(body)
        }
      }
    }
  }

  private func write(
    _ table: Table, names: [ChainName], to sink: @escaping Sink, forEachChain: ((Chain) throws -> Void) throws -> Void
  ) throws {
    var renderer = Renderer(reservingCapacity: DryRunText.pieceSize + 4096)
    func flush() throws {
      if renderer.bytes.count >= DryRunText.pieceSize { try sink(renderer.take()) }
    }
    renderer.begin(table)
    for shared in plan.sharedChains where shared.table == table { renderer.declare(shared.name) }
    for name in names {
      renderer.declare(name)
      try flush()
    }
    for jump in plan.jumps where jump.table == table { renderer.append(jump.rule, to: jump.chain) }
    try forEachChain { chain in
      for rule in chain.rules { renderer.append(rule, to: chain.name) }
      try flush()
    }
    renderer.commit()
    try sink(renderer.take())
  }

  private static let pieceSize = 1 << 16
}
