import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Which endpoints are used: conditions, hints, slices. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct EndpointWalkTests {
  /// What a pod gets from the cluster IP, and a client outside from a node port with policy Local.
  struct Choice: Sendable, CustomTestStringConvertible {
    let reason: String
    let endpoints: [String]
    var slices: [TestSlice] = []
    let cluster: [String]
    let local: [String]
    var zone: String? = "a"
    var testDescription: String { reason }

    init(
      _ reason: String, _ endpoints: [String], slices: [TestSlice] = [], zone: String? = "a", cluster: [String],
      local: [String]
    ) {
      self.reason = reason
      self.endpoints = endpoints
      self.slices = slices
      self.zone = zone
      self.cluster = cluster
      self.local = local
    }

    func check(_ family: IPFamily) {
      let zone = zone
      var service = TestService(
        ports: [TestPort(nodePort: 30080)], external: .local, endpoints: endpoints, slices: slices)
      service.name = "web"
      func results(_ words: [String]) -> [String] {
        words.map { $0.contains(".") && !$0.contains(":") ? "\($0):8080" : $0 }
      }
      let walk = WalkCase(
        reason, service, configure: { options, _ in options.zone = zone },
        ways: [
          Way(.pod, "10.200.1.16:80", results: results(cluster)),
          Way(.outside, "172.18.0.3:30080", results: results(local)),
        ])
      for dispatch in DispatchMode.allCases { walk.check(family, dispatch) }
    }
  }

  static let byConditions = [
    Choice(
      "ready ones everywhere", ["10.10.1.5", "10.10.2.5", "10.10.3.5"],
      cluster: ["10.10.1.5", "10.10.2.5", "10.10.3.5"],
      local: ["10.10.1.5"]),
    Choice(
      "unready ones are left out", ["10.10.1.5", "10.10.1.6 unready"], cluster: ["10.10.1.5"], local: ["10.10.1.5"]),
    Choice("only unready ones", ["10.10.1.5 unready"], cluster: ["rejected"], local: ["rejected"]),
    Choice(
      "ready without serving (publishNotReadyAddresses)", ["10.10.1.5 unserving"], cluster: ["10.10.1.5"],
      local: ["10.10.1.5"]),
    Choice(
      "draining ones rest while any is ready", ["10.10.1.5", "10.10.1.6 terminating"], cluster: ["10.10.1.5"],
      local: ["10.10.1.5"]),
    Choice(
      "all draining: better than nothing", ["10.10.1.5 terminating", "10.10.2.5 terminating"],
      cluster: ["10.10.1.5", "10.10.2.5"], local: ["10.10.1.5"]),
    Choice(
      "ready ones elsewhere do not spare the local draining one", ["10.10.1.5 terminating", "10.10.2.5"],
      cluster: ["10.10.2.5"], local: ["10.10.1.5"]),
    Choice("terminating and no longer serving", ["10.10.1.5 gone"], cluster: ["rejected"], local: ["rejected"]),
    Choice(
      "a local one that is gone, a ready one elsewhere", ["10.10.1.5 gone", "10.10.2.5"], cluster: ["10.10.2.5"],
      local: ["dropped"]),
    Choice(
      "draining ones only elsewhere", ["10.10.1.5 unready", "10.10.2.5 terminating"], cluster: ["10.10.2.5"],
      local: ["dropped"]),
  ]

  static let byHints = [
    Choice(
      "zone hints", ["10.10.1.5 zones=a", "10.10.2.5 zones=b", "10.10.3.5 zones=a,b"],
      cluster: ["10.10.1.5", "10.10.3.5"],
      local: ["10.10.1.5"]),
    Choice(
      "one ready endpoint without a hint: all of them", ["10.10.1.5 zones=a", "10.10.2.5 zones=b", "10.10.3.5"],
      cluster: ["10.10.1.5", "10.10.2.5", "10.10.3.5"], local: ["10.10.1.5"]),
    Choice(
      "an unready one without a hint does not matter", ["10.10.1.5 zones=a", "10.10.2.5 zones=b", "10.10.3.5 unready"],
      cluster: ["10.10.1.5"], local: ["10.10.1.5"]),
    Choice(
      "none for this zone: all of them", ["10.10.1.5 zones=b", "10.10.2.5 zones=c"],
      cluster: ["10.10.1.5", "10.10.2.5"],
      local: ["10.10.1.5"]),
    Choice(
      "for this zone, but not ready: all of them", ["10.10.1.5 zones=a unready", "10.10.2.5 zones=b"],
      cluster: ["10.10.2.5"], local: ["dropped"]),
    Choice(
      "the node's zone is not known: all of them", ["10.10.1.5 zones=a", "10.10.2.5 zones=b"], zone: nil,
      cluster: ["10.10.1.5", "10.10.2.5"], local: ["10.10.1.5"]),
    Choice(
      "hints do not reach policy Local", ["10.10.1.5 zones=b", "10.10.2.5 zones=a"], cluster: ["10.10.2.5"],
      local: ["10.10.1.5"]),
    Choice(
      "node hints win over zone hints", ["10.10.1.5 zones=a nodes=here", "10.10.2.5 zones=a nodes=there"],
      cluster: ["10.10.1.5"], local: ["10.10.1.5"]),
    Choice(
      "a node hint is missing: zone hints", ["10.10.1.5 zones=a nodes=here", "10.10.2.5 zones=a", "10.10.3.5 zones=b"],
      cluster: ["10.10.1.5", "10.10.2.5"], local: ["10.10.1.5"]),
    Choice(
      "no node hint for this node: zone hints",
      ["10.10.2.5 zones=a nodes=there", "10.10.3.5 zones=b nodes=elsewhere"], cluster: ["10.10.2.5"], local: ["dropped"]
    ),
    Choice(
      "node hints alone, none for this node: all of them", ["10.10.2.5 nodes=there", "10.10.3.5 nodes=elsewhere"],
      cluster: ["10.10.2.5", "10.10.3.5"], local: ["dropped"]),
    Choice(
      "draining ones know no hints", ["10.10.1.5 terminating zones=b", "10.10.2.5 terminating zones=a"],
      cluster: ["10.10.1.5", "10.10.2.5"], local: ["10.10.1.5"]),
  ]

  static let bySlices = [
    Choice(
      "several slices", ["10.10.1.5"], slices: [TestSlice(endpoints: ["10.10.2.5"]), TestSlice(endpoints: [])],
      cluster: ["10.10.1.5", "10.10.2.5"], local: ["10.10.1.5"]),
    Choice(
      "the same endpoint twice counts once", ["10.10.1.5", "10.10.2.5"],
      slices: [TestSlice(endpoints: ["10.10.1.5"])], cluster: ["10.10.1.5", "10.10.2.5"], local: ["10.10.1.5"]),
    Choice(
      "an address used again: the endpoint that does not terminate", ["10.10.1.5 terminating", "10.10.2.5"],
      slices: [TestSlice(endpoints: ["10.10.1.5"])], cluster: ["10.10.1.5", "10.10.2.5"], local: ["10.10.1.5"]),
    Choice(
      "the same in the other order of slices", ["10.10.1.5", "10.10.2.5"],
      slices: [TestSlice(endpoints: ["10.10.1.5 terminating"])], cluster: ["10.10.1.5", "10.10.2.5"],
      local: ["10.10.1.5"]),
    Choice(
      "another target port is another endpoint", ["10.10.1.5"],
      slices: [TestSlice(ports: [.init("", .tcp, 9090)], endpoints: ["10.10.1.5"])],
      cluster: ["10.10.1.5:8080", "10.10.1.5:9090"], local: ["10.10.1.5:8080", "10.10.1.5:9090"]),
    Choice(
      "a port of another name is not this Service's", ["10.10.1.5"],
      slices: [TestSlice(ports: [.init("other", .tcp, 8080)], endpoints: ["10.10.1.6"])], cluster: ["10.10.1.5"],
      local: ["10.10.1.5"]),
    Choice(
      "a port of another protocol is not this Service's", ["10.10.1.5"],
      slices: [TestSlice(ports: [.init("", .udp, 8080)], endpoints: ["10.10.1.6"])], cluster: ["10.10.1.5"],
      local: ["10.10.1.5"]),
    Choice(
      "a slice without ports", ["10.10.1.5"], slices: [TestSlice(ports: [], endpoints: ["10.10.1.6"])],
      cluster: ["10.10.1.5"], local: ["10.10.1.5"]),
  ]

  @Test(arguments: byConditions, IPFamily.allCases) func `conditions`(_ choice: Choice, _ family: IPFamily) {
    choice.check(family)
  }

  @Test(arguments: byHints, IPFamily.allCases) func `hints`(_ choice: Choice, _ family: IPFamily) {
    choice.check(family)
  }

  @Test(arguments: bySlices, IPFamily.allCases) func `slices`(_ choice: Choice, _ family: IPFamily) {
    choice.check(family)
  }
}
