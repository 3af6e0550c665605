import Foundation
import Lab
import ServiceModel
import StateFile
import Time

/// Writes the state of a large cluster, and prints the size of the file and the growth of resident memory during the
/// write.
enum Measuring {
  static func run(_ path: String, _ family: IPFamily, services: Int, endpoints: Int) throws {
    let state = state(family, services: services, endpoints: endpoints)
    // Reset the peak of resident memory that the kernel records.
    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    let before = try ResidentMemory(of: getpid()).total
    let size = try StateFile(path: path).write(state)
    print(size, (try ResidentMemory(of: getpid()).peak - before) * 1024)
  }

  private static func state(_ family: IPFamily, services: Int, endpoints: Int) -> SavedState {
    var snapshot = ClusterSnapshot()
    let base: UInt128 = family == .ipv4 ? 0x0a00_0001 : 0xfd00 << 112 | 1
    for index in 0..<services {
      let name = NamespacedName(namespace: "team-\(index % 20)", name: "service-\(index)")!
      let port = ServicePortName(service: name, port: "http", transport: .tcp)!
      snapshot.set(
        Service(
          name: name, clusterIPs: [IPAddress(family: family, bits: base + UInt128(index))],
          ports: [.init(name: port, port: 80)]))
      snapshot.set(
        EndpointSlice(
          name: NamespacedName(namespace: name.namespace, name: "\(name.name)-x7k2p")!, service: name, family: family,
          ports: [.init(name: "http", port: 8080)],
          endpoints: (0..<endpoints).map { number in
            Endpoint(
              address: IPAddress(family: family, bits: base + UInt128(1 << 20 + index * endpoints + number)),
              nodeName: "worker-\(number % 12)")
          }, lastChangeTriggerTime: WallTime(secondsSince1970: 1_795_230_000)))
    }
    let cluster = ClusterIdentity(server: "https://192.0.2.1:6443", certificateAuthority: Array("PEM".utf8))
    let header = StateHeader(cluster: cluster, nodeName: "worker-0", asOf: .epoch, resourceVersions: [:])
    return SavedState(header: header, snapshot: snapshot)
  }
}
