import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Services and exactly the rules that they lead to.
struct RuleCase: Sendable, CustomTestStringConvertible {
  typealias Configure = @Sendable (inout PlannerOptions, FamilyText) -> Void

  let reason: String
  let services: [TestService]
  let configure: Configure
  let rules: String
  var testDescription: String { reason }

  init(
    _ reason: String, _ services: TestService..., configure: @escaping Configure = { _, _ in }, rules: String
  ) {
    self.reason = reason
    self.services = services
    self.configure = configure
    self.rules = rules
  }

  func check(_ family: IPFamily, _ location: SourceLocation = #_sourceLocation) {
    let cluster = TestCluster(services, family, configure)
    #expect(cluster.serviceRules == cluster.text(rules), sourceLocation: location)
  }
}
