/// One endpoint of a slice (discovery/v1 Endpoint). Missing conditions have the API's defaults: the endpoint is ready.
public struct Endpoint: Hashable, Sendable {
  public struct Conditions: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let ready = Conditions(rawValue: 1)
    public static let serving = Conditions(rawValue: 2)
    public static let terminating = Conditions(rawValue: 4)
  }

  public var address: IPAddress
  public var conditions: Conditions
  /// The node it runs on, if the slice says so.
  public var nodeName: String?
  /// Zones that should use it (KEP-2433); empty without hints.
  public var zoneHints: [String]
  /// Nodes that should use it (KEP-3015); empty without hints.
  public var nodeHints: [String]

  public init(
    address: IPAddress, conditions: Conditions = [.ready, .serving], nodeName: String? = nil,
    zoneHints: [String] = [], nodeHints: [String] = []
  ) {
    self.address = address
    self.conditions = conditions
    self.nodeName = nodeName
    self.zoneHints = zoneHints
    self.nodeHints = nodeHints
  }

  public var isReady: Bool { conditions.contains(.ready) }
  public var isServing: Bool { conditions.contains(.serving) }
  public var isTerminating: Bool { conditions.contains(.terminating) }
}

/// A part of the endpoints of a Service, of one family (discovery/v1 EndpointSlice).
public struct EndpointSlice: Hashable, Sendable {
  public struct Port: Hashable, Sendable {
    /// Empty or a DNS label.
    public var name: String
    public var transport: TransportProtocol
    public var port: UInt16

    public init(name: String, transport: TransportProtocol = .tcp, port: UInt16) {
      self.name = name
      self.transport = transport
      self.port = port
    }
  }

  public var name: NamespacedName
  /// The Service that label `kubernetes.io/service-name` names, in the slice's namespace.
  public var service: NamespacedName
  public var family: IPFamily
  public var ports: [Port]
  public var endpoints: [Endpoint]
  /// Annotation `endpoints.kubernetes.io/last-change-trigger-time`, in seconds since 1970; for the latency metric only.
  public var lastChangeTriggerTime: Double?
  /// Parts of the object that were left out or have no effect, with the field's name. They are shown to people who ask
  /// about the Service.
  public var remarks: [String] = []

  public init(
    name: NamespacedName, service: NamespacedName, family: IPFamily, ports: [Port], endpoints: [Endpoint],
    lastChangeTriggerTime: Double? = nil
  ) {
    self.name = name
    self.service = service
    self.family = family
    self.ports = ports
    self.endpoints = endpoints
    self.lastChangeTriggerTime = lastChangeTriggerTime
  }
}
