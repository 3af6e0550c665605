import ServiceModel
import Testing

@testable import KubeProxy

@Suite(.timeLimit(.minutes(5))) struct PodCIDRGuardTests {
  private func node(_ cidrs: String...) -> Node {
    var node = Node(name: "kind-worker")
    node.podCIDRs = cidrs.map { CIDR($0)! }
    return node
  }

  @Test func `the first pod CIDRs are kept, others end the process`() throws {
    let guarding = PodCIDRGuard()
    try guarding.check(node())
    try guarding.check(node("10.10.1.0/24", "fd00:10:10:1::/64"))
    try guarding.check(node("10.10.1.0/24", "fd00:10:10:1::/64"))
    // A Node that is missing for a while is not a change.
    try guarding.check(nil)
    try guarding.check(node())
    let old = [CIDR("10.10.1.0/24")!, CIDR("fd00:10:10:1::/64")!]
    #expect(throws: DaemonError.podCIDRsChanged(from: old, to: [CIDR("10.10.2.0/24")!])) {
      try guarding.check(node("10.10.2.0/24"))
    }
  }
}
