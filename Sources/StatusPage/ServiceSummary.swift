import ServiceModel

/// What the table of the status page shows about a Service.
struct ServiceSummary: Sendable, Equatable {
  /// Whether the Service works, judged by its endpoints only.
  enum State: String, Sendable, CaseIterable {
    case ready
    /// No endpoint is ready. Some endpoints are terminating, but still serve.
    case draining
    /// No endpoint can take traffic. New connections are refused.
    case noEndpoints = "no-endpoints"

    var words: String {
      switch self {
      case .ready: "ready"
      case .draining: "draining"
      case .noEndpoints: "no endpoints"
      }
    }
  }

  struct Counts: Sendable, Equatable {
    var ready = 0
    /// Terminating, but still serving.
    var draining = 0
    var notReady = 0
    /// Ready endpoints on this node.
    var local = 0

    var total: Int { ready + draining + notReady }

    mutating func add(_ endpoint: Endpoint, node: String) {
      if endpoint.isReady {
        ready += 1
        if endpoint.nodeName == node { local += 1 }
      } else if endpoint.isServing && endpoint.isTerminating {
        draining += 1
      } else {
        notReady += 1
      }
    }
  }

  let service: Service
  let counts: Counts

  init(_ service: Service, slices: [NamespacedName: EndpointSlice], node: String) {
    self.service = service
    var counts = Counts()
    for family in IPFamily.allCases {
      let ofFamily = slices.values.filter { $0.family == family }
      if ofFamily.count == 1 {
        for endpoint in ofFamily[0].endpoints { counts.add(endpoint, node: node) }
      } else {
        for endpoint in ServiceSummary.merged(ofFamily) { counts.add(endpoint, node: node) }
      }
    }
    self.counts = counts
  }

  /// A pod can be in two slices for a short time. The better of the two states counts.
  private static func merged(_ slices: [EndpointSlice]) -> some Collection<Endpoint> {
    var best: [IPAddress: Endpoint] = [:]
    for endpoint in slices.lazy.flatMap(\.endpoints) {
      if let known = best[endpoint.address], known.isReady || !endpoint.isReady && known.isServing { continue }
      best[endpoint.address] = endpoint
    }
    return best.values
  }

  var state: State { counts.ready > 0 ? .ready : counts.draining > 0 ? .draining : .noEndpoints }

  var addresses: [IPAddress] { service.clusterIPs + service.loadBalancerIPs + service.externalIPs }

  /// Like `80/TCP`, or `80:30080/TCP` with a node port: the format of kubectl.
  var ports: [String] {
    service.ports.map { port in
      "\(port.port)\(port.nodePort.map { ":\($0)" } ?? "")/\(port.name.transport.rawValue)"
    }
  }

  /// Settings that differ from the defaults: policies, affinity and source ranges.
  var notes: [String] {
    var notes: [String] = []
    if service.internalTrafficPolicy == .local { notes.append("internal: Local") }
    if service.externalTrafficPolicy == .local, service.type != .clusterIP || !service.externalIPs.isEmpty {
      notes.append("external: Local")
    }
    if let timeout = service.affinityTimeout { notes.append("affinity: ClientIP \(timeout) s") }
    if !service.loadBalancerSourceRanges.isEmpty {
      notes.append(Readable.count(service.loadBalancerSourceRanges.count, "source range", "source ranges"))
    }
    return notes
  }
}
