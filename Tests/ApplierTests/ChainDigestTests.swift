import IPTables
import Testing

@testable import Applier

@Suite("What is kept of a chain", .timeLimit(.minutes(1)))
struct ChainDigestTests {
  private static func rules(_ marks: some Sequence<UInt32>) -> [Rule] {
    marks.map { Rule([.mark($0, mask: 0xffff)], .accept) }
  }

  @Test(arguments: [0, 1, 5, 127])
  func `the one rule that is added is found at every place`(count: UInt32) {
    let old = ChainRecord(Self.rules(0..<count))
    for place in 0...Int(count) {
      var marks = Array(0..<count)
      marks.insert(1000, at: place)
      #expect(old.indexOfAddedRule(in: Self.rules(marks)) == place)
    }
  }

  @Test(arguments: [[0, 1, 2], [0, 1, 2, 4], [1, 0, 2, 3, 4], [0, 1, 2, 4, 5], [0, 1, 2, 3, 4, 5]] as [[UInt32]])
  func `chains that differ in more than an added rule are told apart`(marks: [UInt32]) {
    let old = ChainRecord(Self.rules(0..<4))
    #expect(old.indexOfAddedRule(in: Self.rules(marks)) == nil)
  }

  @Test
  func `a chain of which only the name is known has no added rule`() {
    #expect(ChainRecord.unknown.indexOfAddedRule(in: Self.rules(0..<1)) == nil)
  }

  @Test
  func `in a chain of thousands of rules the added rule is not searched`() {
    #expect(ChainRecord(Self.rules(0..<5000)).indexOfAddedRule(in: Self.rules(0..<5001)) == nil)
  }
}
