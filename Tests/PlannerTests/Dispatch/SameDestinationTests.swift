import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Many Services that claim the same address and port. No part of a dispatch tree can tell them apart.
@Suite(.timeLimit(.minutes(1))) struct SameDestinationTests {
  private static func entry(_ number: Int, _ address: String) -> DispatchEntry {
    let service = NamespacedName(namespace: "ns", name: "s\(number)")!
    let owner = ServicePortName(service: service, port: "", transport: .tcp)!
    return DispatchEntry(
      .natServices, .externalIP, to: IPAddress(address)!, port: 80, of: owner, as: .externalIP, .jump(.nodePorts))
  }

  private static let entries =
    (0..<200).map { entry($0, "192.0.2.1") } + (200..<400).map { entry($0, "192.0.\($0 % 5 * 40).\($0 % 250)") }

  private static let options: PlannerOptions = {
    var options = PlannerOptions(family: .ipv4, nodeName: "node")
    options.serviceSubnets = [CIDR("192.0.160.0/24")!]
    return options
  }()

  @Test func `a table that is made at once equals one whose entries came and went one by one`() {
    let whole = DispatchTable(.natServices, options: Self.options, entries: Self.entries)
    var grown = DispatchTable(.natServices, options: Self.options)
    let extra = (400..<460).map { Self.entry($0, "192.0.2.1") }
    for entry in extra + Self.entries.reversed() { _ = grown.update(removing: [], inserting: [entry]) }
    for entry in extra { _ = grown.update(removing: [entry], inserting: []) }
    #expect(grown.chains == whole.chains)
    let address = ClaimedAddress(IPAddress("192.0.2.1")!, port: 80, .tcp)
    #expect(grown.entries(at: address) == whole.entries(at: address))
    #expect(whole.entries(at: address).count == 200)
  }
}
