import ServiceModel

/// What the objects say about one service port's endpoints. It shows why a port has none.
struct ServiceFacts {
  let label: ServiceLabel
  let service: Service
  let slices: [EndpointSlice]
  let nodeName: String?
  /// Whether there is a Node object of this node.
  let isNodeKnown: Bool
  /// The endpoints of slices that have the port.
  let endpoints: [Endpoint]
  /// Whether any slice lists an endpoint, for any port.
  private let hasEndpoints: Bool
  private let hasPort: Bool
  private let portNames: Set<String>

  init(_ label: ServiceLabel, _ service: Service, slices: [EndpointSlice], nodeName: String?, isNodeKnown: Bool) {
    self.label = label
    self.service = service
    self.slices = slices
    self.nodeName = nodeName
    self.isNodeKnown = isNodeKnown
    let port = service.ports.first { $0.name.port == label.port }
    func isSame(_ other: EndpointSlice.Port) -> Bool {
      other.name == label.port && other.transport == port?.name.transport
    }
    let matching = slices.filter { $0.ports.contains(where: isSame) }
    hasPort = !matching.isEmpty
    endpoints = matching.flatMap(\.endpoints)
    hasEndpoints = slices.contains { !$0.endpoints.isEmpty }
    portNames = Set(
      slices.flatMap { $0.ports.map { "\($0.name.isEmpty ? "(unnamed)" : $0.name)/\($0.transport.rawValue)" } })
  }

  /// The node that an endpoint runs on.
  func node(of address: IPAddress) -> String? { endpoints.first { $0.address == address }?.nodeName }

  /// Why there is no endpoint to send to, in one clause.
  var whyNone: String {
    if slices.isEmpty { return "no EndpointSlice belongs to it" }
    // If a Service selects no pod, the EndpointSlice controller writes a slice without endpoints and ports.
    if !hasEndpoints { return "its EndpointSlices list no endpoint at all" }
    if !hasPort {
      return portNames.isEmpty
        ? "its EndpointSlices list endpoints, but no port"
        : "its EndpointSlices have no such port, but \(portNames.sorted().joined(separator: ", "))"
    }
    if endpoints.isEmpty { return "its EndpointSlices with this port list no endpoint" }
    let terminating = endpoints.filter(\.isTerminating)
    let serving = terminating.count(where: \.isServing)
    var parts: [String] = []
    let notReady = endpoints.count { !$0.isReady && !$0.isTerminating }
    if notReady > 0 { parts.append("\(notReady) not ready") }
    if !terminating.isEmpty {
      parts.append("\(terminating.count) terminating, \(serving == 0 ? "none" : "\(serving)") serving")
    }
    let ready = endpoints.count(where: \.isReady)
    if ready > 0 { parts.append("\(ready) ready") }
    return "\(ready == 0 ? "no ready endpoint: " : "")\(parts.joined(separator: ", "))"
  }

  /// What the reader can do so that the port gets an endpoint.
  var advice: String {
    if slices.isEmpty { return "the Service's selector has to match pods" }
    if !hasEndpoints { return "look at the Service's selector and at the pods: their labels have to match it" }
    if !hasPort, portNames.isEmpty {
      return "a targetPort that is a name has to be the name of a container port of the pods"
    }
    if !hasPort { return "the port's name and protocol have to be the same in the Service and in its EndpointSlices" }
    return "an endpoint that is ready, or terminating and still serving, is needed"
  }

  /// Whether an endpoint is ready, or terminating and still serving.
  var canServe: Bool { endpoints.contains { $0.isReady || $0.isServing && $0.isTerminating } }

  /// Nodes that have an endpoint that can serve.
  var nodesThatServe: [String] {
    Set(endpoints.filter { $0.isReady || $0.isServing && $0.isTerminating }.compactMap(\.nodeName)).sorted()
  }
}
