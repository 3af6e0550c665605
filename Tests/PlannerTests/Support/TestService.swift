import ServiceModel

/// A Service and its endpoints in few words; addresses are IPv4 texts (see `FamilyText`).
struct TestService: Sendable {
  var name = "web"
  var clusterIP = "10.200.1.16"
  var ports = [TestPort()]
  var externalIPs: [String] = []
  var ingress: [String] = []
  var sourceRanges: [String] = []
  var hasUnreadableSourceRanges = false
  var affinity: Int?
  var `internal` = TrafficPolicy.cluster
  var external = TrafficPolicy.cluster
  var healthCheckNodePort: UInt16?
  /// Each an address, then words: `unready`, `terminating` (and still serving), `gone` (terminating, not serving),
  /// `unserving` (ready nevertheless), `zones=a,b`, `nodes=here`. The node follows from the address.
  var endpoints: [String] = []
  /// Further slices beside that of `endpoints`.
  var slices: [TestSlice] = []

  var namespacedName: NamespacedName { NamespacedName(namespace: "default", name: name)! }

  func service(_ text: FamilyText) -> Service {
    var service = Service(
      name: namespacedName, clusterIPs: [text.address(clusterIP)], externalIPs: externalIPs.map(text.address),
      loadBalancerIPs: ingress.map(text.address), loadBalancerSourceRanges: sourceRanges.map(text.cidr),
      ports: ports.map { port in
        let name = ServicePortName(service: namespacedName, port: port.name, transport: port.transport)!
        return Service.Port(name: name, port: port.port, nodePort: port.nodePort)
      },
      affinityTimeout: affinity, internalTrafficPolicy: `internal`, externalTrafficPolicy: external,
      healthCheckNodePort: healthCheckNodePort)
    service.hasUnreadableSourceRanges = hasUnreadableSourceRanges
    return service
  }

  func endpointSlices(_ text: FamilyText) -> [EndpointSlice] {
    let own = TestSlice(ports: ports.map { .init($0.name, $0.transport, $0.target) }, endpoints: endpoints)
    return ([own] + slices).enumerated().map { number, slice in
      EndpointSlice(
        name: NamespacedName(namespace: "default", name: "\(name)-\(number)")!, service: namespacedName,
        family: text.family,
        ports: slice.ports.map { .init(name: $0.name, transport: $0.transport, port: $0.port) },
        endpoints: slice.endpoints.map { TestEndpoint.parse($0, text) })
    }
  }
}

struct TestPort: Sendable {
  var name = ""
  var transport = TransportProtocol.tcp
  var port: UInt16 = 80
  var target: UInt16 = 8080
  var nodePort: UInt16?
}

struct TestSlice: Sendable {
  struct Port: Sendable {
    let name: String
    let transport: TransportProtocol
    let port: UInt16

    init(_ name: String, _ transport: TransportProtocol, _ port: UInt16) {
      self.name = name
      self.transport = transport
      self.port = port
    }
  }

  var ports = [Port("", .tcp, 8080)]
  var endpoints: [String]
}

enum TestEndpoint {
  static func parse(_ words: String, _ text: FamilyText) -> Endpoint {
    let words = words.split(separator: " ").map(String.init)
    var endpoint = Endpoint(address: text.address(words[0]), nodeName: node(of: words[0]))
    for word in words.dropFirst() {
      switch word {
      case "unready": endpoint.conditions = []
      case "terminating": endpoint.conditions = [.serving, .terminating]
      case "gone": endpoint.conditions = [.terminating]
      case "unserving": endpoint.conditions = [.ready]
      default:
        let parts = word.split(separator: "=").map(String.init)
        let values = parts[1].split(separator: ",").map(String.init)
        if parts[0] == "zones" { endpoint.zoneHints = values } else { endpoint.nodeHints = values }
      }
    }
    return endpoint
  }

  private static func node(of address: String) -> String {
    if address.hasPrefix("10.10.1.") { return "here" }
    return address.hasPrefix("10.10.2.") ? "there" : "elsewhere"
  }
}
