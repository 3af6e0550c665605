import ServiceModel
import Testing

@testable import IPTables
@testable import RuleAnalysis

/// Rules from a file that the kernel would refuse, or whose walk would not end. Packets go from 10.10.1.2 to
/// 10.200.1.16:80.
@Suite(.timeLimit(.minutes(5))) struct EndlessWalkTests {
  private static let packet = Packet(
    from: IPAddress("10.10.1.2")!, to: SocketAddress(IPAddress("10.200.1.16")!, port: 80))

  private func reasons(_ nat: String, limit: Int = 200_000) throws -> [Doubt.Reason] {
    let rules = try RuleSet(family: .ipv4, restoring: "*nat\n\(nat)COMMIT\n")
    let walk = PacketWalk(rules: rules, host: WalkHost(), caution: .assumeNoMatch, limitOfRules: limit)
    return walk.outcomes(of: Self.packet).compactMap { outcome in
      if case .undecided(let doubt) = outcome.verdict { doubt.reason } else { nil }
    }
  }

  @Test func `chains that call each other in a circle`() throws {
    #expect(try reasons("-A PREROUTING -j A\n-A A -j B\n-A B -j A\n") == [.tooDeep])
  }

  @Test func `chains that go to each other in a circle`() throws {
    #expect(try reasons("-A PREROUTING -j A\n-A A -g B\n-A B -g A\n") == [.tooLong])
    #expect(try reasons("-A PREROUTING -g PREROUTING\n").last == .tooLong)
  }

  @Test func `chains that call the next one twice`() throws {
    let chains = (0..<60).map { "-A C\($0) -j C\($0 + 1)\n-A C\($0) -j C\($0 + 1)\n" }.joined()
    #expect(try reasons("-A PREROUTING -j C0\n\(chains):C60 - [0:0]\n") == [.tooLong])
  }

  @Test func `ways that double at each rule`() throws {
    let rules = String(
      repeating: "-A PREROUTING -m statistic --mode random --probability 0.5 -j MARK --set-mark 1\n", count: 64)
    #expect(Set(try reasons(rules)) == [.tooLong])
  }

  /// Each step of a way refers to the step before it. Releasing the steps must not recurse.
  @Test func `a way of very many steps`() throws {
    let count = 300_000
    let rules = String(repeating: "-A PREROUTING -m unknown -j DROP\n", count: count)
    let set = try RuleSet(family: .ipv4, restoring: "*nat\n\(rules)COMMIT\n")
    let outcomes = PacketWalk(rules: set, host: WalkHost(), caution: .assumeNoMatch).outcomes(of: Self.packet)
    #expect(outcomes.map(\.assumptions.count) == [count])
    #expect(outcomes.first?.trace.steps.count == count)
  }
}
