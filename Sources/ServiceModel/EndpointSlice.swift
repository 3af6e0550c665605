import Time

/// One endpoint of a slice (discovery/v1 Endpoint). Missing conditions have the API's defaults: the endpoint is ready.
package struct Endpoint: Hashable, Sendable {
  package struct Conditions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let ready = Conditions(rawValue: 1)
    package static let serving = Conditions(rawValue: 2)
    package static let terminating = Conditions(rawValue: 4)
  }

  package var address: IPAddress
  package var conditions: Conditions
  /// The node that the endpoint runs on, if the slice names it.
  package var nodeName: String?
  /// Zones that should use the endpoint (KEP-2433); empty without hints.
  package var zoneHints: [String]
  /// Nodes that should use the endpoint (KEP-3015); empty without hints.
  package var nodeHints: [String]

  package init(
    address: IPAddress, conditions: Conditions = [.ready, .serving], nodeName: String? = nil,
    zoneHints: [String] = [], nodeHints: [String] = []
  ) {
    self.address = address
    self.conditions = conditions
    self.nodeName = nodeName
    self.zoneHints = zoneHints
    self.nodeHints = nodeHints
  }

  package var isReady: Bool { conditions.contains(.ready) }
  package var isServing: Bool { conditions.contains(.serving) }
  package var isTerminating: Bool { conditions.contains(.terminating) }
}

/// A part of the endpoints of a Service, of one family (discovery/v1 EndpointSlice).
package struct EndpointSlice: Hashable, Sendable {
  package struct Port: Hashable, Sendable {
    /// Empty or a DNS label.
    package var name: String
    package var transport: TransportProtocol
    package var port: UInt16

    package init(name: String, transport: TransportProtocol = .tcp, port: UInt16) {
      self.name = name
      self.transport = transport
      self.port = port
    }
  }

  package var name: NamespacedName
  /// The Service that label `kubernetes.io/service-name` names, in the slice's namespace.
  package var service: NamespacedName
  package var family: IPFamily
  package var ports: [Port]
  package var endpoints: [Endpoint]
  /// Annotation `endpoints.kubernetes.io/last-change-trigger-time`, for the latency metric only.
  package var lastChangeTriggerTime: WallTime?
  /// Parts of the object that were left out or have no effect, with the field's name. They are shown to people who ask
  /// about the Service.
  package var remarks: [String] = []

  package init(
    name: NamespacedName, service: NamespacedName, family: IPFamily, ports: [Port], endpoints: [Endpoint],
    lastChangeTriggerTime: WallTime? = nil
  ) {
    self.name = name
    self.service = service
    self.family = family
    self.ports = ports
    self.endpoints = endpoints
    self.lastChangeTriggerTime = lastChangeTriggerTime
  }
}
