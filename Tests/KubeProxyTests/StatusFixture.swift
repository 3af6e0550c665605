import Conntrack
import IPTables
import KubernetesAPI
import ServiceModel
import Watcher

@testable import Health
@testable import KubeProxy
@testable import StatusPage
@testable import Time

/// A node of a small cluster with Services of every kind, and as many plain ones as wanted.
enum StatusFixture {
  static let now = Moment(wall: WallTime(nanosecondsSince1970: 1_795_230_000_000_000_000), ticks: 8_000_000_000_000)

  static func name(_ text: String, in namespace: String = "lab") -> NamespacedName {
    NamespacedName(namespace: namespace, name: text)!
  }

  static func snapshot(services count: Int = 0, board: StatusBoard? = nil) -> StatusSnapshot {
    StatusSnapshot(
      version: "0.1.0", node: "kind-worker", started: now.advanced(by: .seconds(-7300)), now: now,
      health: health(), settings: settings, families: (board ?? filledBoard()).all,
      source: "https://172.18.0.4:6443", watches: watches, cluster: cluster(services: count))
  }

  static func health() -> HealthReport {
    var state = HealthState(syncPeriod: .seconds(30))
    state.updated(.ipv4, at: now.advanced(by: .seconds(-4)))
    state.updated(.ipv6, at: now.advanced(by: .seconds(-4)))
    return state.report(at: now)
  }

  static let settings = [
    StatusSnapshot.Setting("mode", "iptables"), .init("clusterCIDR", "10.10.0.0/16,fd00:10:10::/48"),
    .init("iptables.masqueradeBit", "14"), .init("iptables.syncPeriod", "30s"), .init("nodePortAddresses", ""),
    .init("serviceSubnet", "10.200.1.0/24"),
  ]

  static var watches: [WatchStatus] {
    var services = WatchStatus(resource: .service, state: .watching)
    services.objects = 12
    services.lists = 1
    services.lastEventTime = WallTime(secondsSince1970: now.wall.secondsSince1970 - 42)
    services.lastResourceVersion = "81423"
    var slices = WatchStatus(resource: .endpointSlice, state: .backingOff)
    slices.objects = 17
    slices.lists = 2
    slices.errors = 3
    slices.lastError = "cannot connect to 172.18.0.4:6443: connection refused"
    slices.lastEventTime = WallTime(secondsSince1970: now.wall.secondsSince1970 - 95)
    slices.lastResourceVersion = "81440"
    return [slices, services, WatchStatus(resource: .serviceCIDR, state: .absent)]
  }

  static func fillWatches(of snapshot: inout StatusSnapshot, with text: String) {
    snapshot.watches[0].lastError = text
    snapshot.watches[0].lastResourceVersion = text
  }

  static func filledBoard() -> StatusBoard {
    let board = StatusBoard(families: [.ipv4, .ipv6])
    for family in IPFamily.allCases {
      board.setBackend(family, "nf_tables", reason: "KUBE-IPTABLES-HINT is in its mangle table")
      board.setTables(
        family, [.init(.nat, chains: 412, rules: 1_934), .init(.filter, chains: 9, rules: 41)])
      for index in 0..<70 {
        let end = now.advanced(by: .seconds((index - 70) * 95))
        let outcome: StatusBoard.Sync.Outcome =
          index == 10 || index % 24 == 23
          ? .full(reason: "periodic") : family == .ipv4 && index == 51 ? .failed(error: "line 7: bad <rule>") : .partial
        let milliseconds = outcome == .partial ? 14 + (index * 37) % 29 : 320 + (index * 91) % 200
        board.add(
          family,
          .init(
            end: end, duration: .milliseconds(milliseconds), outcome: outcome, services: 1 + index % 3,
            rulesWritten: 12 + index % 40))
      }
      board.add(
        ReconcileResult(
          family: family, report: SweepReport(examined: 18_204, deleted: 7), duration: .milliseconds(41), error: nil))
    }
    return board
  }

  static func cluster(services count: Int) -> ClusterSnapshot {
    var cluster = ClusterSnapshot()
    func add(
      _ name: NamespacedName, _ index: Int, type: ServiceType = .clusterIP, endpoints: [Endpoint],
      _ change: (inout Service) -> Void = { _ in }
    ) {
      let port = Service.Port(
        name: ServicePortName(service: name, port: "http", transport: .tcp)!, port: 80,
        nodePort: type == .clusterIP ? nil : UInt16(30000 + index % 2000))
      var service = Service(
        name: name, type: type,
        clusterIPs: [IPAddress(family: .ipv4, bits: 0x0ac8_0000 + UInt128(index) + 1)], ports: [port])
      change(&service)
      cluster.set(service)
      cluster.set(
        EndpointSlice(
          name: NamespacedName(namespace: name.namespace, name: "\(name.name)-x7k2p")!, service: name, family: .ipv4,
          ports: [EndpointSlice.Port(name: "http", port: 8080)], endpoints: endpoints))
    }
    func endpoint(
      _ number: Int, _ conditions: Endpoint.Conditions = [.ready, .serving], node: String = "kind-worker"
    ) -> Endpoint {
      Endpoint(
        address: IPAddress(family: .ipv4, bits: 0x0a0a_0100 + UInt128(number)), conditions: conditions, nodeName: node,
        zoneHints: number == 2 ? ["zone-a"] : [])
    }
    add(name("kube-dns", in: "kube-system"), 9, endpoints: [endpoint(2), endpoint(3, node: "kind-worker2")]) {
      $0.clusterIPs.append(IPAddress("fd00:10:200::a")!)
      let dns = ServicePortName(service: $0.name, port: "dns", transport: .udp)!
      $0.ports.append(Service.Port(name: dns, port: 53))
    }
    add(name("shop"), 20, type: .loadBalancer, endpoints: [endpoint(4), endpoint(5, [])]) {
      $0.loadBalancerIPs = [IPAddress("192.0.2.10")!]
      $0.externalTrafficPolicy = .local
      $0.healthCheckNodePort = 31130
      $0.loadBalancerSourceRanges = [CIDR("198.51.100.0/24")!]
      $0.affinityTimeout = 10800
    }
    add(name("draining"), 21, endpoints: [endpoint(6, [.serving, .terminating]), endpoint(7, [.terminating])])
    add(name("broken"), 22, type: .nodePort, endpoints: [endpoint(8, [])])
    add(name("empty"), 23, endpoints: [])
    add(name("a-service-with-a-very-long-name-as-generators-like-to-make-them-0"), 24, endpoints: [endpoint(9)]) {
      $0.externalIPs = [IPAddress("203.0.113.7")!]
      $0.internalTrafficPolicy = .local
    }
    for index in 0..<count {
      add(name("svc-\(index)", in: "load"), 100 + index, endpoints: (0..<3).map { endpoint(20 + $0 + index * 3) })
    }
    return cluster
  }
}
