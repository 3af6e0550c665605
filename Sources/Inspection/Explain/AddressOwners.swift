import RuleAnalysis
import ServiceModel

/// The Services that have the destination address of a packet, whatever the port.
struct AddressOwners: Sendable {
  /// The ports, such as `80/TCP`, that each Service has at the address.
  private(set) var ports: [NamespacedName: Set<String>] = [:]
  /// A cluster IP belongs to Services alone. At an external or load-balancer IP other programs may answer too.
  private(set) var isClusterIP = false
  /// The port that the packet is for.
  let wanted: String

  init(_ packet: Packet, in scene: Scene) {
    let destination = packet.destination
    wanted = "\(destination.port)/\(packet.transport.rawValue)"
    for address in scene.index.addresses where address.address == destination.address { add(address) }
    for service in scene.snapshot?.services.values.map({ $0 }) ?? [] {
      for address in ServiceAddress.all(of: service, scene.family) where address.address == destination.address {
        add(address)
      }
    }
  }

  private mutating func add(_ address: ServiceAddress) {
    ports[address.label.service, default: []].insert("\(address.port)/\(address.transport.rawValue)")
    if address.kind == .clusterIP { isClusterIP = true }
  }

  /// The Services that have the wanted port.
  var withPort: [NamespacedName] { ports.filter { $0.value.contains(wanted) }.keys.sorted() }

  /// The destination in words, for a packet that no rule leads to a Service.
  var destination: String {
    if ports.isEmpty { return "an address that belongs to no Service" }
    let services = withPort.isEmpty ? ports.keys.sorted() : withPort
    let one = services.count == 1
    let names = "an address of Service\(one ? "" : "s") \(services.map(\.description).joined(separator: ", "))"
    return withPort.isEmpty ? "\(names), which \(one ? "has" : "have") no port \(wanted)" : names
  }
}
