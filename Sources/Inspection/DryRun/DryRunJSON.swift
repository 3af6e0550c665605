import FoundationEssentials
import IPTables
import Planner
import ServiceModel

/// Writes a plan as data: every rule with its parts, and the Service, port and endpoint that it is for.
package struct DryRunJSON: Sendable {
  private let plan: ClusterPlan

  package init(_ plan: ClusterPlan) { self.plan = plan }

  /// One JSON object for the family. The same plan always gives the same bytes.
  package func write(to sink: @escaping DryRunText.Sink) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let origins = RuleOrigins(plan)
    func put(_ text: String) throws { try sink(Array(text.utf8)) }
    try put("{\"family\":\"\(plan.family.rawValue)\",\"tables\":[")
    for (index, table) in Table.allCases.enumerated() {
      try put("\(index == 0 ? "" : ",")\n{\"table\":\"\(table.rawValue)\",\"chains\":[")
      var separator = "\n"
      func putChain(_ chain: Chain) throws {
        try put(separator)
        try sink([UInt8](encoder.encode(ChainDocument(chain, origins: origins))))
        separator = ",\n"
      }
      for chain in builtIn(table) + plan.sharedChains.filter({ $0.table == table }).map({ Chain(table, $0.name) }) {
        try putChain(chain)
      }
      try plan.forEachChain { chain in
        if chain.table == table { try putChain(chain) }
      }
      try put("\n]}")
    }
    try put("\n]}\n")
  }

  /// The built-in chains that get rules, each with the jumps that the plan needs there.
  private func builtIn(_ table: Table) -> [Chain] {
    ChainName.builtIn(table).compactMap { name in
      let rules = plan.jumps.filter { $0.table == table && $0.chain == name }.map(\.rule)
      return rules.isEmpty ? nil : Chain(table, name, rules: rules)
    }
  }
}

private struct ChainDocument: Encodable {
  let name: String
  let rules: [RuleDocument]

  init(_ chain: Chain, origins: RuleOrigins) {
    name = chain.name.description
    rules = chain.rules.map { RuleDocument($0, origin: origins.origin(of: $0, in: chain.name)) }
  }
}

/// A rule as JSON: the line in the syntax of iptables, and its parts.
private struct RuleDocument: Encodable {
  let rule: String
  let matches: [String]
  let target: String?
  let service: String?
  let port: String?
  let `protocol`: String?
  let endpoint: String?

  init(_ rule: Rule, origin: RuleOrigins.Origin?) {
    self.rule = rule.description
    matches = rule.matches.map { Rule([$0], nil).description }
    target = rule.target.map { String(Rule([], $0).description.dropFirst(3)) }
    service = origin?.port.service.description
    port = origin?.port.port
    `protocol` = origin?.port.transport.rawValue
    endpoint = origin?.endpoint?.description
  }
}
