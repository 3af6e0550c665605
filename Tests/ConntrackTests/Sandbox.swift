import Glibc
import Netlink
import ServiceModel
import Synchronization
import System

@testable import Conntrack
@testable import Lab

/// A network namespace in which a client, two endpoints and the addresses of Services are all on the loopback
/// interface.
final class Sandbox: Sendable {
  let namespace: NetworkNamespace

  /// Whether namespaces can be made here.
  static var isPossible: Bool { geteuid() == 0 }

  private static let counter = Mutex(0)

  /// Makes one, runs `body`, and removes it.
  static func run(_ label: String, _ body: @Sendable (Sandbox) async throws -> Void) async throws {
    let number = counter.withLock { counter in
      counter += 1
      return counter
    }
    let sandbox = Sandbox("ct\(getpid())x\(number)-\(label)")
    try await Command(["ip", "netns", "add", sandbox.namespace.name]).run()
    let removal = Command(["ip", "netns", "del", sandbox.namespace.name])
    do {
      try await sandbox.setUp()
      try await body(sandbox)
    } catch {
      // The error of `body` matters more than an error of the clean-up.
      _ = try? await removal.run()
      throw error
    }
    try await removal.run()
  }

  private init(_ name: String) { namespace = NetworkNamespace(name) }

  private func setUp() async throws {
    let batch = """
      link set lo up
      addr add 10.10.1.7/32 dev lo
      addr add 10.10.2.1/32 dev lo
      addr add 10.10.2.2/32 dev lo
      addr add 172.18.0.3/32 dev lo
      link add nowhere type veth peer name hole
      link set hole up
      link set nowhere up
      neigh add 10.200.1.10 lladdr 02:00:00:00:00:01 dev nowhere
      neigh add fd00:10:200::a lladdr 02:00:00:00:00:01 dev nowhere
      route add 10.200.1.0/24 dev nowhere
      addr add fd00:10:1::7/128 dev lo nodad
      addr add fd00:10:2::1/128 dev lo nodad
      addr add fd00:10:2::2/128 dev lo nodad
      route add fd00:10:200::/112 dev nowhere

      """
    try await Command(["ip", "-batch", "-"], input: batch).run(in: namespace)
    try await waitForLocalRoutes()
    // The kernel tracks connections in a namespace only where a rule asks for it.
    for iptables in ["iptables", "ip6tables"] {
      let words = "-t mangle -A OUTPUT -m conntrack --ctstate NEW".split(separator: " ").map(String.init)
      try await Command([iptables] + words).run(in: namespace)
    }
  }

  /// The kernel acknowledges a new IPv6 address before it adds the address's local route. Until then no packet reaches
  /// the address.
  private func waitForLocalRoutes() async throws {
    let addresses = ["fd00:10:1::7", "fd00:10:2::1", "fd00:10:2::2"]
    let show = Command(["ip", "-6", "route", "show", "table", "local"])
    try await eventually("local routes of the addresses") {
      try await show.run(in: namespace)
    } is: { routes in
      addresses.allSatisfy { routes.contains("local \($0) ") }
    }
  }

  /// The kernel's table of the namespace.
  var table: NetlinkConntrackTable {
    NetlinkConntrackTable { [namespace] () throws(ConntrackError) in
      do {
        try namespace.enter()
      } catch {
        throw ConntrackError(step: .openSocket, code: 0, cause: "\(error)")
      }
      return try ConntrackError.during(.openSocket) { () throws(SystemError) in try NetlinkSocket() }
    }
  }

  /// Replaces the rules by one that sends packets for `destination` to `endpoint`, or refuses them if it is nil.
  /// Existing flows do not change.
  func program(
    _ destination: SocketAddress, to endpoint: SocketAddress?, _ transport: TransportProtocol = .udp
  ) async throws {
    let family = destination.address.family
    let match = "-d \(destination.address) -p \(transport.lowercased) --dport \(destination.port)"
    let rules = """
      *nat
      \(endpoint.map { "-A OUTPUT \(match) -j DNAT --to-destination \($0)" } ?? "")
      COMMIT
      *filter
      \(endpoint == nil ? "-A OUTPUT \(match) -m conntrack --ctstate NEW -j REJECT" : "")
      COMMIT

      """
    try await Command([family == .ipv4 ? "iptables-restore" : "ip6tables-restore"], input: rules).run(in: namespace)
  }

  /// All flows of a family and protocol, read without deleting any.
  func flows(_ family: IPFamily = .ipv4, _ transport: TransportProtocol = .udp) async throws -> [Flow] {
    let seen = Recorder()
    _ = try await table.sweep(family, transport) {
      seen.add($0)
      return false
    }
    return seen.flows
  }

  /// Sweeps as the daemon does, and returns what it reports.
  func reconcile(_ flows: ServiceFlows) async -> ReconcileResult? {
    let (results, sink) = AsyncStream.makeStream(of: ReconcileResult.self)
    let reconciler = ConntrackReconciler(table: table) { sink.yield($0) }
    let running = Task { await reconciler.run() }
    reconciler.submit(flows)
    var result: ReconcileResult?
    for await next in results {
      result = next
      break
    }
    running.cancel()
    await running.value
    return result
  }
}
