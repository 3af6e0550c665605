import IPTables
import RuleAnalysis
import ServiceModel

/// A report as data for JSON.
package struct DifferenceDocument: Encodable, Sendable {
  let family: IPFamily
  let isEqual: Bool
  let differences: [Item]
  let remarks: [Item]

  struct Item: Encodable, Sendable {
    let kind: String
    let service: String?
    let table: Table
    let chain: String
    /// From 1.
    let position: Int?
    /// Where the rule belongs.
    let expectedPosition: Int?
    let rule: String?
    let expectedRule: String?
    /// The rules of a chain that is missing or extra.
    let rules: [String]?
  }

  package init(_ report: DifferenceReport) {
    family = report.family
    isEqual = report.isEmpty
    differences = report.groups.flatMap { group in group.items.map { Item($0, service: group.service) } }
    remarks = report.remarks.map { Item($0, service: nil) }
  }
}

extension DifferenceDocument.Item {
  init(_ item: DifferenceItem, service: NamespacedName?) {
    var position: Int?
    var expectedPosition: Int?
    var rule: Rule?
    var expectedRule: Rule?
    var rules: [Rule]?
    switch item.kind {
    case .missingChain(let list), .extraChain(let list): rules = list
    case .missingJump(let jump): expectedRule = jump
    case .missingRule(let missing, let at):
      expectedRule = missing
      expectedPosition = at
    case .extraRule(let extra, let at), .foreignRule(let extra, let at):
      rule = extra
      position = at
    case .repeatedJump(let jump, let at):
      rule = jump
      position = at
    case .foreignRuleBeforeJump(let foreign, let at, _):
      rule = foreign
      position = at
    case .movedRule(let moved, let from, let to):
      rule = moved
      position = from
      expectedPosition = to
    case .changedRule(let old, let new, let at):
      rule = old
      expectedRule = new
      position = at
    }
    self.init(
      kind: item.kind.name, service: service?.description, table: item.chain.table, chain: item.chain.name.description,
      position: position.map { $0 + 1 }, expectedPosition: expectedPosition.map { $0 + 1 }, rule: rule?.description,
      expectedRule: expectedRule?.description, rules: rules?.map(\.description))
  }
}
