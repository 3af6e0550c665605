/// One thing that happened to a packet on its way.
public struct WalkStep: Hashable, Sendable {
  public enum Event: Hashable, Sendable {
    /// The rule's conditions were met.
    case matched(Rule)
    /// Only chance kept the rule from matching.
    case notChosen(Rule)
    /// Whether the rule matches cannot be told; it was taken for one that does not.
    case assumedNoMatch(Rule, Doubt.Reason)
    /// The end of a built-in chain.
    case policy(ChainPolicy)
  }

  public let table: Table
  /// The built-in chain that the way through the table began in.
  public let hook: ChainName
  public let chain: ChainName
  /// The rule's place in its chain, from 0; the number of rules for a policy.
  public let index: Int
  public let event: Event

  /// The rule that it is about.
  public var rule: Rule? {
    switch event {
    case .matched(let rule), .notChosen(let rule), .assumedNoMatch(let rule, _): rule
    case .policy: nil
    }
  }
}

/// Why the walk cannot tell what happens.
public struct Doubt: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// A condition that this program does not know.
    case match([String])
    /// A target that this program does not know.
    case target([String])
    /// The rule looks at the interface that the packet came in by, which is not known.
    case inInterface
    case missingChain(ChainName)
    /// Chains that call each other more than 100 deep; the kernel refuses such rules.
    case tooDeep
    /// More ways than the walk follows.
    case tooManyWays
    /// More rules than the walk looks at: chains that go to each other in a circle, or call each other twice and more at
    /// each of many levels.
    case tooLong
  }

  public let table: Table
  public let chain: ChainName
  /// The rule's place in its chain, from 0.
  public let index: Int
  public let reason: Reason
}

/// The steps of one way, first to last. Ways that begin alike share what they have in common.
public struct WalkTrace: Sequence, Sendable {
  private final class Node: @unchecked Sendable {
    // @unchecked: `previous` changes only in `deinit`, when nobody else has the node.
    let step: WalkStep
    private(set) var previous: Node?

    init(_ step: WalkStep, after previous: Node?) {
      self.step = step
      self.previous = previous
    }

    /// One node after the other: were each to let go of the one before it, a long way would use up the stack.
    deinit {
      var next = previous
      previous = nil
      while next != nil, isKnownUniquelyReferenced(&next) {
        let node = next
        next = node?.previous
        node?.previous = nil
      }
    }
  }

  private var last: Node?

  mutating func append(_ step: WalkStep) { last = Node(step, after: last) }

  public var steps: [WalkStep] {
    var result: [WalkStep] = []
    var node = last
    while let current = node {
      result.append(current.step)
      node = current.previous
    }
    return result.reversed()
  }

  public func makeIterator() -> Array<WalkStep>.Iterator { steps.makeIterator() }
}
