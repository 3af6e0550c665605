import Time

extension KubeProxyConfiguration {
  /// component-base ClientConnectionConfiguration.
  package struct ClientConnection: Codable, Hashable, Sendable {
    package var kubeconfig = ""
    var acceptContentTypes = ""
    package var contentType = ""
    /// Requests per second.
    package var qps = 0.0
    package var burst = 0

    package init() {}

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      try container.read(.kubeconfig, into: &kubeconfig)
      try container.read(.acceptContentTypes, into: &acceptContentTypes)
      try container.read(.contentType, into: &contentType)
      try container.read(.qps, into: &qps)
      try container.read(.burst, into: &burst)
    }
  }

  package struct IPTables: Codable, Hashable, Sendable {
    package var masqueradeBit: Int?
    package var masqueradeAll = false
    package var localhostNodePorts: Bool?
    package var syncPeriod = GoDuration.zero
    package var minSyncPeriod = GoDuration.zero

    package init() {}

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      masqueradeBit = try container.decodeIfPresent(Int.self, forKey: .masqueradeBit)
      try container.read(.masqueradeAll, into: &masqueradeAll)
      localhostNodePorts = try container.decodeIfPresent(Bool.self, forKey: .localhostNodePorts)
      try container.read(.syncPeriod, into: &syncPeriod)
      try container.read(.minSyncPeriod, into: &minSyncPeriod)
    }
  }

  package struct DetectLocal: Codable, Hashable, Sendable {
    package var bridgeInterface = ""
    package var interfaceNamePrefix = ""

    package init() {}

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      try container.read(.bridgeInterface, into: &bridgeInterface)
      try container.read(.interfaceNamePrefix, into: &interfaceNamePrefix)
    }
  }

  package struct Conntrack: Codable, Hashable, Sendable {
    package var maxPerCore: Int?
    package var min: Int?
    package var tcpEstablishedTimeout: GoDuration?
    package var tcpCloseWaitTimeout: GoDuration?
    package var tcpBeLiberal = false
    package var udpTimeout = GoDuration.zero
    package var udpStreamTimeout = GoDuration.zero

    package init() {}

    package init(from decoder: any Decoder) throws {
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
  package struct Logging: Codable, Hashable, Sendable {
    package struct VModule: Codable, Hashable, Sendable {
      package var filePattern: String
      package var verbosity: Int

      package init(filePattern: String, verbosity: Int) {
        self.filePattern = filePattern
        self.verbosity = verbosity
      }
    }

    package var format = ""
    package var flushFrequency = FlushFrequency(.zero)
    package var verbosity = 0
    package var vmodule: [VModule]?

    package init() {}

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      try container.read(.format, into: &format)
      try container.read(.flushFrequency, into: &flushFrequency)
      try container.read(.verbosity, into: &verbosity)
      vmodule = try container.decodeIfPresent([VModule].self, forKey: .vmodule)
    }
  }

  /// component-base TimeOrMetaDuration: a duration, or a number of nanoseconds as in older configurations.
  package struct FlushFrequency: Codable, Hashable, Sendable {
    package var value: GoDuration

    package init(_ value: GoDuration) { self.value = value }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let nanoseconds = try? container.decode(Int64.self) {
        value = GoDuration(.nanoseconds(nanoseconds))
      } else {
        value = try container.decode(GoDuration.self)
      }
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(value)
    }
  }
}
