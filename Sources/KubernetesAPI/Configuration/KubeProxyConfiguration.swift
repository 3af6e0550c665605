/// kubeproxy.config.k8s.io/v1alpha1 KubeProxyConfiguration, as it stands in a file: every value as it is written, and
/// what is absent as the zero value that Go gives it.
public struct KubeProxyConfiguration: Codable, Hashable, Sendable {
  public static let apiVersion = "kubeproxy.config.k8s.io/v1alpha1"
  public static let kind = "KubeProxyConfiguration"

  public var apiVersion = KubeProxyConfiguration.apiVersion
  public var kind = KubeProxyConfiguration.kind
  public var featureGates: [String: Bool]?
  public var clientConnection = ClientConnection()
  public var logging = Logging()
  public var hostnameOverride = ""
  public var bindAddress = ""
  public var healthzBindAddress = ""
  public var metricsBindAddress = ""
  public var bindAddressHardFail = false
  public var enableProfiling = false
  public var showHiddenMetricsForVersion = ""
  public var mode = ""
  public var iptables = IPTables()
  public var detectLocalMode = ""
  public var detectLocal = DetectLocal()
  /// One CIDR, or two of different families joined by a comma.
  public var clusterCIDR = ""
  public var nodePortAddresses: [String]?
  public var oomScoreAdj: Int?
  public var conntrack = Conntrack()
  public var configSyncPeriod = GoDuration.zero
  /// Once the user-space proxy's; accepted and without effect.
  public var portRange = ""
  /// What could not be read, and stands at its zero value: `checked` throws it together with what it finds itself.
  var unreadable: [ConfigurationError] = []

  private enum CodingKeys: String, CodingKey {
    case apiVersion, kind, featureGates, clientConnection, logging, hostnameOverride, bindAddress, healthzBindAddress
    case metricsBindAddress, bindAddressHardFail, enableProfiling, showHiddenMetricsForVersion, mode, iptables
    case detectLocalMode, detectLocal, clusterCIDR, nodePortAddresses, oomScoreAdj, conntrack, configSyncPeriod,
      portRange
  }

  /// Everything at its zero value: an empty file.
  public init() {}

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    // null is Go's zero value.
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
  /// Reads a value over the one that stands for absent and null.
  func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
    if let read = try decodeIfPresent(Value.self, forKey: key) { value = read }
  }
}
