import IPTables
import Planner
import ServiceModel

/// Writes a plan as input for `iptables-restore --noflush` on an empty kernel, jumps in built-in chains included.
public struct DryRunText: Sendable {
  /// Takes output piece by piece.
  public typealias Sink = (_ bytes: [UInt8]) throws -> Void

  private let plan: ClusterPlan

  public init(_ plan: ClusterPlan) { self.plan = plan }

  /// The same plan gives the same bytes. One table after the other, each in one transaction.
  public func write(to sink: Sink) throws {
    let program = plan.family == .ipv4 ? "iptables-restore" : "ip6tables-restore"
    try sink(Array("# \(plan.family.rawValue): for \(program) --noflush\n".utf8))
    for table in Table.allCases { try write(table, to: sink) }
  }

  private func write(_ table: Table, to sink: Sink) throws {
    var renderer = Renderer(reservingCapacity: DryRunText.pieceSize + 4096)
    func flush() throws {
      if renderer.bytes.count >= DryRunText.pieceSize { try sink(renderer.take()) }
    }
    renderer.begin(table)
    for shared in plan.sharedChains where shared.table == table { renderer.declare(shared.name) }
    try plan.forEachChain { chain in
      guard chain.table == table else { return }
      renderer.declare(chain.name)
      try flush()
    }
    for jump in plan.jumps where jump.table == table { renderer.append(jump.rule, to: jump.chain) }
    try plan.forEachChain { chain in
      guard chain.table == table else { return }
      for rule in chain.rules { renderer.append(rule, to: chain.name) }
      try flush()
    }
    renderer.commit()
    try sink(renderer.take())
  }

  private static let pieceSize = 1 << 16
}
