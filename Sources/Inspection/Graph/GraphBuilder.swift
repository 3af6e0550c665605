import IPTables
import ServiceModel

/// Collects the chains that lead to some Services, or to all.
struct GraphBuilder {
  private let scene: Scene
  private let wanted: Set<NamespacedName>?
  private var graph: ChainGraph
  private var places: [String: Int] = [:]
  private var edgePlaces: [[String]: Int] = [:]
  /// Whether a chain leads to a wanted Service, as far as it is known.
  private var leads: [ChainKey: Bool] = [:]

  /// - Parameter wanted: nil for all.
  init(_ scene: Scene, services wanted: Set<NamespacedName>?) {
    self.scene = scene
    self.wanted = wanted
    graph = ChainGraph(family: scene.family)
  }

  mutating func build() -> ChainGraph {
    for table in [Table.nat, .filter] {
      for hook in ChainName.builtIn(table) where hook != .postrouting {
        let key = ChainKey(table, hook)
        for rule in scene.rules[table, hook] ?? [] {
          guard let target = rule.jumpTarget, target.isServiceProxys, leadsToWanted(ChainKey(table, target)) else {
            continue
          }
          add(ChainGraph.Node(id: id(key), kind: .hook, title: "\(table.rawValue) \(hook)", label: nil))
          visit(ChainKey(table, target), depth: 1)
          connect(id(key), id(ChainKey(table, target)), EdgeText.conditions(rule))
        }
      }
    }
    GraphColumns.assign(&graph)
    return graph
  }

  private func isWanted(_ label: ServiceLabel?) -> Bool {
    guard let label else { return false }
    return wanted.map { $0.contains(label.service) } ?? true
  }

  /// The search stops at this depth. No kernel lets chains jump so deep.
  private static let depthLimit = 32

  private mutating func leadsToWanted(_ key: ChainKey, depth: Int = 0) -> Bool {
    if let owner = scene.index.owners[key] { return isWanted(owner) }
    if let known = leads[key] { return known }
    if depth >= GraphBuilder.depthLimit { return false }
    leads[key] = false
    var result = false
    for rule in scene.rules[key.table, key.name] ?? [] where !result {
      if let target = rule.jumpTarget, target.isServiceProxys, target != .markMasquerade {
        result = leadsToWanted(ChainKey(key.table, target), depth: depth + 1)
      } else if rule.isVerdict {
        result = isWanted(ServiceLabel(commentOf: rule))
      }
    }
    leads[key] = result
    return result
  }

  private func id(_ key: ChainKey) -> String { "\(key.table.rawValue) \(key.name)" }

  private mutating func add(_ node: ChainGraph.Node) {
    guard places[node.id] == nil else { return }
    places[node.id] = graph.nodes.count
    graph.nodes.append(node)
  }

  private mutating func connect(_ from: String, _ to: String, _ text: String) {
    let place = edgePlaces[[from, to]] ?? graph.edges.count
    if place == graph.edges.count {
      edgePlaces[[from, to]] = place
      graph.edges.append(ChainGraph.Edge(from: from, to: to, texts: []))
    }
    if !text.isEmpty, !graph.edges[place].texts.contains(text) { graph.edges[place].texts.append(text) }
  }

  private mutating func visit(_ key: ChainKey, depth: Int) {
    guard places[id(key)] == nil, depth < GraphBuilder.depthLimit, let rules = scene.rules[key.table, key.name] else {
      return
    }
    add(node(key, rules))
    if key.name.prefix == .endpoint { return }
    var left = 1.0
    for rule in rules {
      let chance = rule.chance
      defer { if rule.isPlainChoice { left *= 1 - chance } }
      guard let target = rule.jumpTarget else {
        if case .destinationNAT(let endpoint) = rule.target {
          addEndpoint(endpoint, of: key, share: left * chance)
        } else {
          addVerdict(rule, in: key)
        }
        continue
      }
      let callee = ChainKey(key.table, target)
      guard target != .markMasquerade, target.isServiceProxys, leadsToWanted(callee) else { continue }
      visit(callee, depth: depth + 1)
      if rule.isAffinity { continue }
      let share = rule.isPlainChoice && key.isChoice && left * chance < 1 ? percent(left * chance) : ""
      connect(id(key), id(callee), share.isEmpty ? EdgeText.conditions(rule) : share)
    }
  }

  /// An endpoint without a chain of its own: the chain that chooses translates to it.
  private mutating func addEndpoint(_ endpoint: SocketAddress, of key: ChainKey, share: Double) {
    guard let owner = scene.index.owners[key] else { return }
    let id = "endpoint \(owner) \(endpoint)"
    var node = ChainGraph.Node(id: id, kind: .endpoint, title: endpoint.description, label: owner)
    if let place = scene.facts(of: owner)?.node(of: endpoint.address) { node.details.append("on \(place)") }
    let masquerade = scene.rules[.nat, .kubePostrouting]?.first(where: \.findsHairpins)
    if let masquerade { node.masquerades.append(EdgeText.masquerade(masquerade, in: ChainKey(.nat, .kubePostrouting))) }
    add(node)
    connect(self.id(key), id, share < 1 ? percent(share) : "")
  }

  /// The verdict of a dispatch rule that ends a packet's way: refused, dropped or accepted.
  private mutating func addVerdict(_ rule: Rule, in key: ChainKey) {
    guard key.table == .filter, rule.isVerdict, let label = ServiceLabel(commentOf: rule), isWanted(label),
      let target = rule.target
    else { return }
    let title =
      switch target {
      case .reject: "refused"
      case .drop: "dropped"
      default: "accepted"
      }
    let reason = EdgeText.verdictReason(rule, label)
    let id = "\(title) \(label) \(reason)"
    add(ChainGraph.Node(id: id, kind: .verdict, title: title, details: reason.isEmpty ? [] : [reason], label: label))
    connect(self.id(key), id, EdgeText.conditions(rule))
  }

  private func node(_ key: ChainKey, _ rules: [Rule]) -> ChainGraph.Node {
    let owner = scene.index.owners[key]
    let endpoint = scene.index.endpoints[key]
    let kind: ChainGraph.Kind = endpoint != nil ? .endpoint : owner != nil ? .service : .dispatch
    let table = owner == nil ? key.table.rawValue + " " : ""
    var node = ChainGraph.Node(
      id: id(key), kind: kind, title: endpoint?.description ?? "\(table)\(key.name)", label: owner)
    if endpoint != nil { node.details.append(key.name.description) }
    if let endpoint, let owner, let place = scene.facts(of: owner)?.node(of: endpoint.address) {
      node.details.append("on \(place)")
    }
    if let owner, kind == .service { node.details.append(EdgeText.role(of: key.name, owner)) }
    if let seconds = rules.lazy.compactMap(\.affinitySeconds).first {
      node.details.append("client affinity for \(seconds) s")
    }
    for rule in rules where rule.target == .jump(.markMasquerade) {
      node.masquerades.append(EdgeText.masquerade(rule, in: key))
    }
    return node
  }
}

extension ChainGraph {
  /// The graph of some Services, or of all.
  ///
  /// - Parameter services: nil for all.
  package init(_ scene: Scene, services: Set<NamespacedName>? = nil) {
    var builder = GraphBuilder(scene, services: services)
    self = builder.build()
  }
}

extension Rule {
  fileprivate var isVerdict: Bool { target == .accept || target == .drop || target == .reject }
  fileprivate var isAffinity: Bool { affinitySeconds != nil }

  fileprivate var affinitySeconds: Int? {
    for case .recentCheck(_, let seconds) in matches { return seconds }
    return nil
  }

  /// The probability of its statistic match; 1 without one.
  fileprivate var chance: Double {
    for case .statistic(let probability) in matches { return probability.value }
    return 1
  }

  /// Whether chance alone decides whether it matches.
  fileprivate var isPlainChoice: Bool {
    matches.allSatisfy {
      switch $0 {
      case .comment, .statistic, .protocolAlone: true
      default: false
      }
    }
  }
}

extension ChainKey {
  /// Chains that choose among endpoints.
  fileprivate var isChoice: Bool { name.prefix == .cluster || name.prefix == .local }
}
