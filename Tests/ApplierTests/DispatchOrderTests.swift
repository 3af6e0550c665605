import Applier
import ApplierSupport
import IPTables
import RuleAnalysis
import ServiceModel
import Testing

/// kube-proxy's order of rules in dispatch chains is that of a Go map.
@Suite("The order in dispatch chains at a take-over", .timeLimit(.minutes(5)))
struct DispatchOrderTests {
  private static func service(_ address: String, port: UInt16 = 80, _ target: ChainName) -> Rule {
    Rule(
      [.destination(.host(IPAddress(address)!)), .transport(.tcp), .destinationPort(port...port)], .jump(target))
  }

  private static func nodePort(_ port: UInt16, _ target: ChainName) -> Rule {
    Rule([.transport(.tcp), .destinationPort(port...port)], .jump(target))
  }

  private static let one: ChainName = "KUBE-SVC-AAAAAAAAAAAAAAAA"
  private static let other: ChainName = "KUBE-SVC-BBBBBBBBBBBBBBBB"
  private static let local = Rule([.destinationType(.local)], .jump(.nodePorts))

  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    let chain: ChainName
    let kernel: [Rule]
    let plan: [Rule]
    let isSame: Bool
    var testDescription: String { reason }
  }

  static let cases = [
    Case(
      reason: "other addresses", chain: .services,
      kernel: [service("10.96.0.2", other), service("10.96.0.1", one), local],
      plan: [service("10.96.0.1", one), service("10.96.0.2", other), local], isSame: true),
    Case(
      reason: "other ports of one address", chain: .services,
      kernel: [service("10.96.0.1", port: 81, other), service("10.96.0.1", one)],
      plan: [service("10.96.0.1", one), service("10.96.0.1", port: 81, other)], isSame: true),
    Case(
      reason: "two Services with one address and port: the first wins", chain: .services,
      kernel: [service("192.0.2.9", other), service("192.0.2.9", one)],
      plan: [service("192.0.2.9", one), service("192.0.2.9", other)], isSame: false),
    Case(
      reason: "the rule for node ports stands before a Service", chain: .services,
      kernel: [local, service("10.96.0.1", one)], plan: [service("10.96.0.1", one), local], isSame: false),
    Case(
      reason: "node ports", chain: .nodePorts, kernel: [nodePort(30001, other), nodePort(30000, one)],
      plan: [nodePort(30000, one), nodePort(30001, other)], isSame: true),
    Case(
      reason: "one node port twice", chain: .nodePorts, kernel: [nodePort(30000, other), nodePort(30000, one)],
      plan: [nodePort(30000, one), nodePort(30000, other)], isSame: false),
    Case(
      reason: "a rule more", chain: .services, kernel: [service("10.96.0.2", other), service("10.96.0.1", one)],
      plan: [service("10.96.0.1", one)], isSame: false),
  ]

  @Test(arguments: cases)
  func `a chain is written again only if the order matters`(example: Case) async throws {
    #expect((OrderlessDigest(example.kernel).value == OrderlessDigest(example.plan).value) == example.isSame)
    let kernel = FakeKernel()
    let chains = [Self.one, Self.other, .nodePorts].filter { $0 != example.chain }.map { Chain(.nat, $0) }
    func plan(_ rules: [Rule]) -> ListedPlan {
      ListedPlan(.ipv4, chains: chains + [Chain(.nat, example.chain, rules: rules)])
    }
    _ = try await FamilyApplier(family: .ipv4, commands: kernel).sync(full: plan(example.kernel))
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    let report = try await applier.sync(full: plan(example.plan))
    #expect(report.isUnchanged == example.isSame)
    #expect((report.drift?.changed == 0) == example.isSame)
    let again = try await applier.sync(full: plan(example.plan))
    #expect(again.isUnchanged, "what was left alone counts as planned from then on")
  }

  /// The place of a rule in the plan says nothing about its place in the kernel's order.
  @Test
  func `a chain that was left in another order is written whole when it gets a rule`() async throws {
    let kernel = FakeKernel()
    let targets = [Self.one, Self.other].map { Chain(.nat, $0) }
    func plan(_ rules: [Rule]) -> ListedPlan {
      ListedPlan(.ipv4, chains: targets + [Chain(.nat, .services, rules: rules)])
    }
    let (first, second, third) = (
      Self.service("10.96.0.1", Self.one), Self.service("10.96.0.2", Self.other), Self.service("10.96.0.3", Self.one)
    )
    _ = try await FamilyApplier(family: .ipv4, commands: kernel).sync(full: plan([third, first]))
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    #expect(try await applier.sync(full: plan([first, third])).isUnchanged)
    let changed = Chain(.nat, .services, rules: [first, second, third])
    _ = try await applier.sync(partial: RuleChange(chains: [changed]))
    let expected = [first, second, third].map(\.canonical)
    #expect(kernel.current.rules[.ipv4]?[.nat, .services]?.map(\.canonical) == expected)
  }
}
