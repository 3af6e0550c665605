import Glibc
import ServiceModel
import StateFile
import Time

/// Writes two states into a file, one after the other, until the process is killed. The time of a state is also the
/// number of endpoints of each of its Services.
enum Writing {
  static func run(_ path: String, first: Int) -> Never {
    let file = StateFile(path: path)
    let states = [state(1), state(10)]
    var number = first
    while true {
      do throws(StateFileError) {
        try file.write(states[number % 2])
      } catch {
        print("error: \(error)")
        exit(1)
      }
      // The test waits for the first state before it kills this process.
      if number == first { _ = write(1, "writing\n", 8) }
      number += 1
    }
  }

  private static func state(_ number: Int) -> SavedState {
    var snapshot = ClusterSnapshot()
    for index in 0..<200 {
      let name = NamespacedName(namespace: "default", name: "service-\(index)")!
      let address = IPAddress(family: .ipv4, bits: 0x0a60_0001 + UInt128(index))
      snapshot.set(Service(name: name, clusterIPs: [address], ports: []))
      let endpoints = (0..<number).map { Endpoint(address: IPAddress(family: .ipv4, bits: 0x0a80_0001 + UInt128($0))) }
      snapshot.set(EndpointSlice(name: name, service: name, family: .ipv4, ports: [], endpoints: endpoints))
    }
    let header = StateHeader(
      cluster: ClusterIdentity(server: "https://192.0.2.1:6443", certificateAuthority: nil), nodeName: "node",
      asOf: WallTime(nanosecondsSince1970: Int64(number)), resourceVersions: [:])
    return SavedState(header: header, snapshot: snapshot)
  }
}
