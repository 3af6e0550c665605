import Time

extension KubeProxyConfiguration {
  /// component-base ClientConnectionConfiguration.
  public struct ClientConnection: Codable, Hashable, Sendable {
    public var kubeconfig = ""
    public var acceptContentTypes = ""
    public var contentType = ""
    /// Requests per second.
    public var qps = 0.0
    public var burst = 0

    public init() {}

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      try container.read(.kubeconfig, into: &kubeconfig)
      try container.read(.acceptContentTypes, into: &acceptContentTypes)
      try container.read(.contentType, into: &contentType)
      try container.read(.qps, into: &qps)
      try container.read(.burst, into: &burst)
    }
  }

  public struct IPTables: Codable, Hashable, Sendable {
    public var masqueradeBit: Int?
    public var masqueradeAll = false
    public var localhostNodePorts: Bool?
    public var syncPeriod = GoDuration.zero
    public var minSyncPeriod = GoDuration.zero

    public init() {}

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      masqueradeBit = try container.decodeIfPresent(Int.self, forKey: .masqueradeBit)
      try container.read(.masqueradeAll, into: &masqueradeAll)
      localhostNodePorts = try container.decodeIfPresent(Bool.self, forKey: .localhostNodePorts)
      try container.read(.syncPeriod, into: &syncPeriod)
      try container.read(.minSyncPeriod, into: &minSyncPeriod)
    }
  }

  public struct DetectLocal: Codable, Hashable, Sendable {
    public var bridgeInterface = ""
    public var interfaceNamePrefix = ""

    public init() {}

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      try container.read(.bridgeInterface, into: &bridgeInterface)
      try container.read(.interfaceNamePrefix, into: &interfaceNamePrefix)
    }
  }

  public struct Conntrack: Codable, Hashable, Sendable {
    public var maxPerCore: Int?
    public var min: Int?
    public var tcpEstablishedTimeout: GoDuration?
    public var tcpCloseWaitTimeout: GoDuration?
    public var tcpBeLiberal = false
    public var udpTimeout = GoDuration.zero
    public var udpStreamTimeout = GoDuration.zero

    public init() {}

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      maxPerCore = try container.decodeIfPresent(Int.self, forKey: .maxPerCore)
      min = try container.decodeIfPresent(Int.self, forKey: .min)
      tcpEstablishedTimeout = try container.decodeIfPresent(GoDuration.self, forKey: .tcpEstablishedTimeout)
      tcpCloseWaitTimeout = try container.decodeIfPresent(GoDuration.self, forKey: .tcpCloseWaitTimeout)
      try container.read(.tcpBeLiberal, into: &tcpBeLiberal)
      try container.read(.udpTimeout, into: &udpTimeout)
      try container.read(.udpStreamTimeout, into: &udpStreamTimeout)
    }
  }

  /// component-base LoggingConfiguration.
  public struct Logging: Codable, Hashable, Sendable {
    public struct VModule: Codable, Hashable, Sendable {
      public var filePattern: String
      public var verbosity: Int

      public init(filePattern: String, verbosity: Int) {
        self.filePattern = filePattern
        self.verbosity = verbosity
      }
    }

    public var format = ""
    public var flushFrequency = FlushFrequency(.zero)
    public var verbosity = 0
    public var vmodule: [VModule]?

    public init() {}

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      try container.read(.format, into: &format)
      try container.read(.flushFrequency, into: &flushFrequency)
      try container.read(.verbosity, into: &verbosity)
      vmodule = try container.decodeIfPresent([VModule].self, forKey: .vmodule)
    }
  }

  /// component-base TimeOrMetaDuration: a duration, or a number of nanoseconds as in older configurations.
  public struct FlushFrequency: Codable, Hashable, Sendable {
    public var value: GoDuration

    public init(_ value: GoDuration) { self.value = value }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let nanoseconds = try? container.decode(Int64.self) {
        value = GoDuration(.nanoseconds(nanoseconds))
      } else {
        value = try container.decode(GoDuration.self)
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(value)
    }
  }
}
