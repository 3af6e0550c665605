import IPTables
import RuleAnalysis
import ServiceModel

/// A report as text of at most 100 columns.
package struct DifferenceText {
  /// The names of the two sides.
  package struct Sides: Sendable {
    package var actual: String
    package var expected: String

    package init(actual: String = "is", expected: String = "should be") {
      self.actual = actual
      self.expected = expected
    }
  }

  private static let width = 100
  private static let shownItems = 20
  private let style: TextStyle
  private let sides: Sides
  private let isVerbose: Bool
  private var lines: [String] = []

  /// - Parameter isVerbose: whether to show all differences of a Service, and the rules of missing and extra chains.
  package init(
    _ report: DifferenceReport, sides: Sides = Sides(), style: TextStyle = TextStyle(isColored: false),
    isVerbose: Bool = false
  ) {
    self.style = style
    self.sides = sides
    self.isVerbose = isVerbose
    lines.append(style.heading(DifferenceText.headline(report)))
    if report.lacksEverything && !isVerbose {
      lines.append(style.quiet("  the service proxy has no chain here (--verbose shows what is missing)"))
    } else {
      for group in report.groups { add(group) }
    }
    if !report.remarks.isEmpty {
      lines.append("")
      lines.append(style.heading("Rules of other programs, not counted as differences"))
      add(report.remarks)
    }
  }

  package var text: String { lines.joined(separator: "\n") + "\n" }

  private static func headline(_ report: DifferenceReport) -> String {
    guard !report.isEmpty else { return "\(report.family.rawValue): no difference" }
    let services = report.groups.count { $0.service != nil }
    let count = report.deviationCount
    let of = services == 0 ? "" : services == 1 ? ", one Service affected" : ", \(services) Services affected"
    return "\(report.family.rawValue): \(count) difference\(count == 1 ? "" : "s")\(of)"
  }

  private mutating func add(_ group: DifferenceReport.Group) {
    lines.append("")
    lines.append(style.heading(group.service.map { "Service \($0)" } ?? "Rules of no single Service"))
    add(group.items)
  }

  private mutating func add(_ items: [DifferenceItem]) {
    var chain: ChainKey?
    let shown =
      isVerbose || items.count <= DifferenceText.shownItems ? items[...] : items.prefix(DifferenceText.shownItems)
    for item in shown {
      if chain != item.chain { lines.append("  \(item.chain.table.rawValue) \(item.chain.name)") }
      chain = item.chain
      add(item)
    }
    if shown.count < items.count {
      lines.append(style.quiet("  … and \(items.count - shown.count) more (--verbose shows them)"))
    }
  }

  private mutating func add(_ item: DifferenceItem) {
    switch item.kind {
    case .missingChain(let rules): chain(item, rules, style.bad)
    case .extraChain(let rules): chain(item, rules, style.notable)
    case .missingRule(let rule, let index): entry("missing at \(index + 1)", rule.description, style.bad)
    case .missingJump(let rule): entry("missing jump", rule.description, style.bad)
    case .extraRule(let rule, let index): entry("extra at \(index + 1)", rule.description, style.notable)
    case .repeatedJump(let rule, let index): entry("repeated at \(index + 1)", rule.description, style.notable)
    case .movedRule(let rule, let from, let to):
      entry("moved, at \(from + 1)", "\(rule) (belongs at \(to + 1))", style.notable)
    case .changedRule(let rule, let other, let index):
      entry("changed at \(index + 1)", "\(sides.actual): \(rule)", style.notable)
      entry("", "\(sides.expected): \(other)", style.quiet)
    case .foreignRule(let rule, let index):
      entry("foreign at \(index + 1)", rule.description, style.notable)
    case .foreignRuleBeforeJump(let rule, let index, let jump):
      let target = jump.jumpTarget.map { " (before the jump to \($0))" } ?? ""
      entry("foreign at \(index + 1)", "\(rule)\(target)", style.quiet)
    }
  }

  private mutating func chain(_ item: DifferenceItem, _ rules: [Rule], _ paint: (String) -> String) {
    let count = rules.count == 1 ? "1 rule" : "\(rules.count) rules"
    entry("\(item.word) chain", "of \(count)", paint)
    if isVerbose { for rule in rules { entry("", rule.description, style.quiet) } }
  }

  private mutating func entry(_ label: String, _ text: String, _ paint: (String) -> String) {
    let margin = String(repeating: " ", count: 20)
    for (index, line) in text.wrapped(DifferenceText.width - 22).enumerated() {
      lines.append(index == 0 ? "    " + paint(label.padded(16)) + line : margin + "  " + line)
    }
  }
}
