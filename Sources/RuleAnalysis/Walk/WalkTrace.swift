import IPTables
import ServiceModel

/// One event on a packet's path.
package struct WalkStep: Hashable, Sendable {
  package enum Event: Hashable, Sendable {
    /// The rule's conditions were met.
    case matched(Rule)
    /// All other conditions were met, but the probability match did not choose the rule.
    case notChosen(Rule)
    /// The walk cannot tell whether the rule matches, and assumed that it does not.
    case assumedNoMatch(Rule, Doubt.Reason)
    /// The end of a built-in chain.
    case policy(ChainPolicy)
  }

  package let table: Table
  /// The built-in chain in which the packet entered the table.
  package let hook: ChainName
  package let chain: ChainName
  /// The rule's place in its chain, from 0. For a policy, the number of rules.
  package let index: Int
  package let event: Event

  /// The rule of the event.
  package var rule: Rule? {
    switch event {
    case .matched(let rule), .notChosen(let rule), .assumedNoMatch(let rule, _): rule
    case .policy: nil
    }
  }
}

/// Why the walk cannot tell what happens.
package struct Doubt: Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// A condition that this program does not know.
    case match([String])
    /// A target that this program does not know.
    case target([String])
    /// The rule matches on the interface that the packet came in by, which is not known.
    case inInterface
    case missingChain(ChainName)
    /// Chains that call each other more than 100 deep; the kernel refuses such rules.
    case tooDeep
    /// The packet can take more paths than the walk follows.
    case tooManyWays
    /// The packet meets more rules than the walk evaluates. The chains go to each other in a circle, or they call each
    /// other several times on each of many levels.
    case tooLong
  }

  package let table: Table
  package let chain: ChainName
  /// The rule's place in its chain, from 0.
  package let index: Int
  package let reason: Reason
}

/// The steps of one path, first to last. Paths that begin with the same steps share them in memory.
package struct WalkTrace: Sequence, Sendable {
  private final class Node: @unchecked Sendable {
    // @unchecked: `previous` changes only in `deinit`, when there is no other reference to the node.
    let step: WalkStep
    private(set) var previous: Node?

    init(_ step: WalkStep, after previous: Node?) {
      self.step = step
      self.previous = previous
    }

    /// Releases the nodes one after the other. If each node released the one before it, a long path would overflow the
    /// stack.
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

  package var steps: [WalkStep] {
    var result: [WalkStep] = []
    var node = last
    while let current = node {
      result.append(current.step)
      node = current.previous
    }
    return result.reversed()
  }

  package func makeIterator() -> Array<WalkStep>.Iterator { steps.makeIterator() }
}
