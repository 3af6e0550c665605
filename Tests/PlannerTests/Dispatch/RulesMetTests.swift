import IPTables
import RuleAnalysis
import ServiceModel
import Testing

@testable import Planner

/// How many rules the kernel compares a packet with before it is translated, or until it leaves the chains
/// untranslated.
@Suite(.timeLimit(.minutes(5))) struct RulesMetTests {
  /// Counts the rules that the kernel compares in nat PREROUTING: in each chain those up to the rule after which the
  /// packet does not return.
  private func rulesMet(_ outcome: WalkOutcome, _ rules: RuleSet) -> Int {
    var total = 0
    var frames: [(chain: ChainName, next: Int)] = [(.prerouting, 0)]
    func rest(_ frame: (chain: ChainName, next: Int)) -> Int { (rules[.nat, frame.chain]?.count ?? 0) - frame.next }
    for step in outcome.trace where step.table == .nat && step.hook == .prerouting {
      while let last = frames.last, last.chain != step.chain { total += rest(frames.removeLast()) }
      total += step.index + 1 - frames[frames.count - 1].next
      frames[frames.count - 1].next = step.index + 1
      if case .matched(let rule) = step.event, let target = rule.jumpTarget { frames.append((target, 0)) }
    }
    return outcome.isTranslated ? total : total + frames.reduce(0) { $0 + rest($1) }
  }

  private func most(_ cluster: TestCluster, _ ways: [Way]) -> Int {
    let walker = Walker(cluster)
    return ways.flatMap { walker.walk.outcomes(of: walker.packet($0)) }
      .map { rulesMet($0, walker.walk.rules) }.max() ?? .max
  }

  @Test(arguments: [1, 20], IPFamily.allCases)
  func `a few tens of rules among 3,000 Services`(_ spread: Int, _ family: IPFamily) {
    let big = BigCluster(3000, spread: spread)
    let cluster = TestCluster(big.services, family, dispatch: .auto)
    let ways = big.destinations.enumerated().filter { $0.offset % 23 == 0 && $0.offset > 40 }.map { _, destination in
      Way(.outside, destination.text, destination.transport, results: [])
    }
    #expect(ways.count > 150)
    #expect(most(cluster, ways) <= 80, "all chains that choose an endpoint included")
  }

  @Test(arguments: IPFamily.allCases)
  func `a packet that is for no Service leaves after two rules`(_ family: IPFamily) {
    let services = (0..<3000).map { number in
      TestService(
        name: "s\(number)", clusterIP: "10.200.\(number / 256).\(number % 256)",
        endpoints: number % 2 == 0 ? ["10.10.2.5"] : [])
    }
    let cluster = TestCluster(services, family, dispatch: .auto) { options, text in
      options.serviceSubnets = [text.cidr("10.200.0.0/16")]
    }
    let walker = Walker(cluster)
    #expect(walker.walk.rules[.nat, .services]?.count == 2, "the subnet, and node ports")
    #expect(walker.walk.rules[.filter, .services]?.count == 2, "the subnet, and the refusal")
    for destination in ["192.0.2.1:80", "10.10.2.5:8080", "10.201.0.0:80", "10.199.255.255:80"] {
      let outcomes = walker.walk.outcomes(of: walker.packet(Way(.pod, destination, results: [])))
      #expect(outcomes.map(\.verdict) == [.delivered])
      // The jump from PREROUTING is the third.
      #expect(outcomes.map { rulesMet($0, walker.walk.rules) } == [3])
    }
  }
}

extension RulesMetTests {
  @Test func `the count sees every rule of a flat chain`() {
    let services = (0..<40).map { TestService(name: "s\($0)", clusterIP: "10.200.1.\($0)", endpoints: ["10.10.2.5"]) }
    let cluster = TestCluster(services, .ipv4, dispatch: .flat)
    // PREROUTING 1, KUBE-SERVICES 40, KUBE-SVC 2, KUBE-SEP 2.
    #expect(most(cluster, [Way(.pod, "10.200.1.39:80", results: [])]) == 45)
    // PREROUTING 1, KUBE-SERVICES 41 with the one for node ports.
    #expect(most(cluster, [Way(.pod, "10.200.1.40:80", results: [])]) == 42)
  }
}
