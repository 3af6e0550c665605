import ServiceModel

/// What the page's table says of a Service.
struct ServiceSummary: Sendable, Equatable {
  /// Whether the Service works, as far as its endpoints go.
  enum State: String, Sendable, CaseIterable {
    case ready
    /// Only endpoints that terminate are left, and they still serve.
    case draining
    /// Nobody answers: connections are refused.
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
    /// Terminating and still serving.
    var draining = 0
    var notReady = 0
    /// Ready ones on the own node.
    var local = 0

    var total: Int { ready + draining + notReady }
  }

  let service: Service
  let counts: Counts

  init(_ service: Service, slices: [NamespacedName: EndpointSlice], node: String) {
    self.service = service
    var best: [IPAddress: Endpoint] = [:]
    for endpoint in slices.values.lazy.flatMap(\.endpoints) {
      // A pod can be in two slices for a while; the better of its states is the one that counts.
      if let known = best[endpoint.address], known.isReady || !endpoint.isReady && known.isServing { continue }
      best[endpoint.address] = endpoint
    }
    var counts = Counts()
    for endpoint in best.values {
      if endpoint.isReady {
        counts.ready += 1
        if endpoint.nodeName == node { counts.local += 1 }
      } else if endpoint.isServing && endpoint.isTerminating {
        counts.draining += 1
      } else {
        counts.notReady += 1
      }
    }
    self.counts = counts
  }

  var state: State { counts.ready > 0 ? .ready : counts.draining > 0 ? .draining : .noEndpoints }

  var addresses: [IPAddress] { service.clusterIPs + service.loadBalancerIPs + service.externalIPs }

  /// As `80/TCP`, with a node port `80:30080/TCP`, as kubectl has it.
  var ports: [String] {
    service.ports.map { port in
      "\(port.port)\(port.nodePort.map { ":\($0)" } ?? "")/\(port.name.transport.rawValue)"
    }
  }

  /// What is not as usual: policies and affinity.
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
