import Foundation
import ServiceModel
import Testing

@testable import StateFile

/// The figures of docs/edge.md: Services with one port and one slice, whose endpoints are on twelve nodes.
@Suite(.serialized) struct SizeTests {
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
          }, lastChangeTriggerTime: 1_795_230_000))
    }
    let header = StateHeader(cluster: RandomState.cluster, nodeName: "worker-0", asOf: 0, resourceVersions: [:])
    return SavedState(header: header, snapshot: snapshot)
  }

  /// Of `/proc/self/status`, in bytes.
  private static func memory(_ field: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(field):") })
    return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }) * 1024
  }

  @Test(arguments: [
    (IPFamily.ipv4, 10_000, 10, 1_159_231), (.ipv4, 5_000, 50, 1_779_251), (.ipv6, 10_000, 10, 2_479_231),
    (.ipv6, 5_000, 50, 4_839_251),
  ])
  func `a large cluster makes a small file, written in little memory`(
    _ family: IPFamily, _ services: Int, _ endpoints: Int, _ bytes: Int
  ) throws {
    let state = Self.state(family, services: services, endpoints: endpoints)
    let folder = try ScratchFolder()
    // From here on the kernel notes the most that is resident.
    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    let before = try Self.memory("VmRSS")
    let size = try folder.file.write(state)
    let peak = try Self.memory("VmHWM") - before
    print("\(family.rawValue) \(services)x\(endpoints): \(size) bytes, \(peak / 1024) KiB more memory while writing")
    #expect(size == bytes)
    #expect(peak < 4 << 20)
    #expect(try folder.file.readAny() == state)
  }
}
