import Time

/// kubeproxy.config.k8s.io/v1alpha1 KubeProxyConfiguration as it is in a file: every value is unchanged, and an absent
/// field has Go's zero value.
package struct KubeProxyConfiguration: Codable, Hashable, Sendable {
  package static let apiVersion = "kubeproxy.config.k8s.io/v1alpha1"
  package static let kind = "KubeProxyConfiguration"

  package var apiVersion = KubeProxyConfiguration.apiVersion
  package var kind = KubeProxyConfiguration.kind
  package var featureGates: [String: Bool]?
  package var clientConnection = ClientConnection()
  package var logging = Logging()
  package var hostnameOverride = ""
  package var bindAddress = ""
  package var healthzBindAddress = ""
  package var metricsBindAddress = ""
  package var bindAddressHardFail = false
  package var enableProfiling = false
  package var showHiddenMetricsForVersion = ""
  package var mode = ""
  package var iptables = IPTables()
  package var detectLocalMode = ""
  package var detectLocal = DetectLocal()
  /// One CIDR, or two CIDRs of different families, separated by a comma.
  package var clusterCIDR = ""
  package var nodePortAddresses: [String]?
  package var oomScoreAdj: Int?
  package var conntrack = Conntrack()
  package var configSyncPeriod = GoDuration.zero
  /// A setting of the removed userspace mode. It is accepted and has no effect.
  var portRange = ""
  /// Errors of fields that could not be read and have their zero value. `checked` throws them together with its own
  /// errors.
  var unreadable: [ConfigurationError] = []

  private enum CodingKeys: String, CodingKey {
    case apiVersion, kind, featureGates, clientConnection, logging, hostnameOverride, bindAddress, healthzBindAddress
    case metricsBindAddress, bindAddressHardFail, enableProfiling, showHiddenMetricsForVersion, mode, iptables
    case detectLocalMode, detectLocal, clusterCIDR, nodePortAddresses, oomScoreAdj, conntrack, configSyncPeriod,
      portRange
  }

  /// A configuration with only zero values, like an empty file.
  package init() {}

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    // null means Go's zero value.
    featureGates = try container.decodeIfPresent([String: Bool?].self, forKey: .featureGates)?.mapValues { $0 ?? false }
    try container.read(.clientConnection, into: &clientConnection)
    try container.read(.logging, into: &logging)
    try container.read(.hostnameOverride, into: &hostnameOverride)
    try container.read(.bindAddress, into: &bindAddress)
    try container.read(.healthzBindAddress, into: &healthzBindAddress)
    try container.read(.metricsBindAddress, into: &metricsBindAddress)
    try container.read(.bindAddressHardFail, into: &bindAddressHardFail)
    try container.read(.enableProfiling, into: &enableProfiling)
    try container.read(.showHiddenMetricsForVersion, into: &showHiddenMetricsForVersion)
    try container.read(.mode, into: &mode)
    try container.read(.iptables, into: &iptables)
    try container.read(.detectLocalMode, into: &detectLocalMode)
    try container.read(.detectLocal, into: &detectLocal)
    try container.read(.clusterCIDR, into: &clusterCIDR)
    nodePortAddresses = try container.decodeIfPresent([String].self, forKey: .nodePortAddresses)
    oomScoreAdj = try container.decodeIfPresent(Int.self, forKey: .oomScoreAdj)
    try container.read(.conntrack, into: &conntrack)
    try container.read(.configSyncPeriod, into: &configSyncPeriod)
    try container.read(.portRange, into: &portRange)
  }
}

extension KeyedDecodingContainer {
  /// Decodes a value. If it is absent or null, `value` stays unchanged.
  func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
    if let read = try decodeIfPresent(Value.self, forKey: key) { value = read }
  }
}
