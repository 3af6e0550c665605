import IPTables
import ServiceModel

/// Which Service each chain and address belongs to. It is read from the rules' comments, so it works for planned rules,
/// for the kernel's and for any dump.
package struct RuleIndex: Sendable {
  /// The service port that a chain belongs to.
  package private(set) var owners: [ChainKey: ServiceLabel] = [:]
  /// All addresses that lead to Services.
  package private(set) var addresses: [ServiceAddress] = []
  /// The endpoint that an endpoint chain translates to.
  package private(set) var endpoints: [ChainKey: SocketAddress] = [:]
  /// Addresses of all endpoints, those without chains of their own included.
  private(set) var endpointAddresses: Set<IPAddress> = []

  package init(_ rules: RuleSet) {
    var found: Set<ServiceAddress> = []
    var unnamed: [(from: ChainKey, to: ChainKey)] = []
    for table in [Table.nat, .filter] {
      for (name, list) in rules.tables[table] ?? [:] where name.isServiceProxys {
        let chain = ChainKey(table, name)
        for rule in list {
          if case .destinationNAT(let endpoint) = rule.target {
            endpointAddresses.insert(endpoint.address)
            if name.prefix == .endpoint { endpoints[chain] = endpoint }
          }
          if let address = ServiceAddress(rule, in: chain) { found.insert(address) }
          guard let target = rule.jumpTarget, target.prefix != nil else { continue }
          let callee = ChainKey(table, target)
          if let label = ServiceLabel(commentOf: rule) {
            owners[callee] = label
          } else {
            unnamed.append((chain, callee))
          }
        }
      }
    }
    propagate(unnamed)
    addresses = RuleIndex.settled(found).sorted()
  }

  /// Gives chains without comments the owner of the chain that jumps to them. Large clusters leave comments out.
  private mutating func propagate(_ edges: [(from: ChainKey, to: ChainKey)]) {
    var callees = Dictionary(grouping: edges, by: \.from)
    var waiting = edges.map(\.from).filter { owners[$0] != nil }
    var next = 0
    while next < waiting.count {
      let caller = waiting[next]
      next += 1
      for edge in callees.removeValue(forKey: caller) ?? [] where owners[edge.to] == nil {
        owners[edge.to] = owners[caller]
        waiting.append(edge.to)
      }
    }
  }

  /// A rule that refuses or drops does not show the kind of its address. If another rule for the address shows it, that
  /// kind is used.
  private static func settled(_ found: Set<ServiceAddress>) -> [ServiceAddress] {
    let groups = Dictionary(grouping: found) {
      ServiceAddress($0.label, .clusterIP, $0.address, $0.port, $0.transport)
    }
    return groups.values.flatMap { group -> [ServiceAddress] in
      let kinds = Set(group.map(\.kind))
      if kinds.count > 1, kinds.contains(.clusterIP) { return group.filter { $0.kind != .clusterIP } }
      return group
    }
  }

  /// All Services that the rules name.
  package var services: Set<NamespacedName> {
    Set(addresses.map(\.label.service)).union(owners.values.map(\.service))
  }

  /// The service port that a rule is for; nil if it is for none.
  package func owner(of rule: Rule, in chain: ChainKey) -> ServiceLabel? {
    owners[chain] ?? ServiceLabel(commentOf: rule) ?? rule.jumpTarget.flatMap { owners[ChainKey(chain.table, $0)] }
  }
}
