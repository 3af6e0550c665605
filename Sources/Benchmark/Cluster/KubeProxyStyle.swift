import IPTables
import Planner
import ServiceModel
import System

/// The same rules as kube-proxy's iptables mode writes them. Each table is one transaction: first the lines that
/// declare all chains, then all rules. Dispatch chains are lists, so they grow with the number of Services, and each
/// endpoint has a chain.
struct KubeProxyStyle {
  private let plan: ClusterPlan

  init(_ scenario: Scenario, _ snapshot: ClusterSnapshot) {
    let scenario = scenario.with {
      $0.dispatch = .flat
      $0.endpointRules = .chains
    }
    plan = ClusterPlan(options: scenario.options, snapshot: snapshot)
  }

  /// A full sync on empty tables.
  func fullSync() throws -> MemoryFile {
    let file = try MemoryFile("kube-proxy's full sync")
    for table in Table.allCases { try write(table, to: file, jumps: true) { $0.table == table } }
    return file
  }

  /// The input for a change of one Service: the Service's own chains, and all chains that do not belong to a Service,
  /// with all their rules.
  func change(of chains: Set<ChainName>) throws -> MemoryFile {
    let file = try MemoryFile("kube-proxy's change")
    for table in [Table.filter, .nat] {
      try write(table, to: file, jumps: false) {
        $0.table == table && ($0.name.prefix == nil || chains.contains($0.name))
      }
    }
    return file
  }

  private func write(
    _ table: Table, to file: MemoryFile, jumps: Bool, where isWanted: (Chain) -> Bool
  ) throws {
    var renderer = Renderer(reservingCapacity: 1 << 20)
    renderer.begin(table)
    for key in plan.sharedChains where jumps && key.table == table { renderer.declare(key.name) }
    try plan.forEachChain { chain in
      guard isWanted(chain) else { return }
      renderer.declare(chain.name)
      if renderer.bytes.count > 1 << 20 { try file.write(renderer.take()) }
    }
    try plan.forEachChain { chain in
      guard isWanted(chain) else { return }
      for rule in chain.rules { renderer.append(rule, to: chain.name) }
      if renderer.bytes.count > 1 << 20 { try file.write(renderer.take()) }
    }
    for jump in plan.jumps.reversed() where jumps && jump.table == table {
      renderer.insert(jump.rule, into: jump.chain, at: 1)
    }
    renderer.commit()
    try file.write(renderer.take())
  }
}
