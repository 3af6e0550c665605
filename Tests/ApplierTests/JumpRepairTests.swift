import IPTables
import Testing

@testable import Applier

@Suite("Jumps in built-in chains", .timeLimit(.minutes(5)))
struct JumpRepairTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    let present: [Int]
    let wanted: [Int]
    let removals: [Int]
    let insertions: [Int]
    var testDescription: String { reason }
  }

  static let cases = [
    Case(
      reason: "nothing there: all go in, the last first", present: [], wanted: [1, 2, 3], removals: [],
      insertions: [3, 2, 1]),
    Case(reason: "all there and in order", present: [1, 2, 3], wanted: [1, 2, 3], removals: [], insertions: []),
    Case(reason: "the first is missing", present: [2, 3], wanted: [1, 2, 3], removals: [], insertions: [1]),
    Case(
      reason: "the middle is missing: it can only go in front, and the first again before it",
      present: [1, 3], wanted: [1, 2, 3], removals: [1], insertions: [2, 1]),
    Case(
      reason: "the last is missing", present: [1, 2], wanted: [1, 2, 3], removals: [1, 2], insertions: [3, 2, 1]),
    Case(reason: "two have changed places", present: [2, 1, 3], wanted: [1, 2, 3], removals: [1], insertions: [1]),
    Case(
      reason: "a duplicate goes, the last one stays", present: [1, 2, 1, 3], wanted: [1, 2, 3], removals: [1, 1],
      insertions: [1]),
    Case(
      reason: "a duplicate that stands in order", present: [1, 1, 2], wanted: [1, 2], removals: [1], insertions: []),
    Case(reason: "no jump is wanted here", present: [], wanted: [], removals: [], insertions: []),
  ]

  private func rule(_ number: Int) -> Rule { Rule([.mark(UInt32(number), mask: 0xff)], .jump(.services)) }

  @Test(arguments: cases)
  func `only jumps that are missing or misplaced are moved`(example: Case) {
    let repair = JumpRepair(present: example.present.map(rule), wanted: example.wanted.map(rule))
    #expect(repair.removals == example.removals.map(rule))
    #expect(repair.insertions == example.insertions.map(rule))
    #expect(result(of: repair, on: example.present) == example.wanted.map(rule))
  }

  @Test
  func `kubelet's jump stays anywhere; a missing one is added in front, and a second one is removed`() {
    let firewall = Rule([], .jump(.kubeFirewall))
    let wanted = [firewall, rule(1), rule(2)]
    for place in 0...2 {
      var present = [rule(1), rule(2)]
      present.insert(firewall, at: place)
      #expect(JumpRepair(present: present, wanted: wanted).isEmpty, "at \(place)")
    }
    let missing = JumpRepair(present: [rule(1), rule(2)], wanted: wanted)
    #expect(missing.insertions == [firewall] && missing.removals.isEmpty)
    let twice = JumpRepair(present: [rule(1), firewall, rule(2), firewall], wanted: wanted)
    #expect(twice.removals == [firewall] && twice.insertions.isEmpty)
  }

  /// What -D and -I make of the chain.
  private func result(of repair: JumpRepair, on present: [Int]) -> [Rule] {
    var rules = present.map(rule)
    for removal in repair.removals { rules.remove(at: rules.firstIndex(of: removal)!) }
    for insertion in repair.insertions { rules.insert(insertion, at: 0) }
    return rules
  }
}
