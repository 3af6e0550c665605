import ServiceModel
public import ServiceModel

/// How traffic from local pods is distinguished from other traffic (`detectLocalMode`).
public enum DetectLocalMode: Hashable, Sendable {
  /// By the configured cluster CIDR of the family. Without a CIDR, local traffic cannot be detected.
  case clusterCIDR
  /// By the pod CIDR of the node's own Node.
  case nodeCIDR
  case bridgeInterface(String)
  case interfaceNamePrefix(String)
}

/// The node addresses that accept traffic to node ports (`nodePortAddresses`).
public enum NodePortAddressSelection: Hashable, Sendable {
  case all
  /// The primary address of the Node in each family.
  case primary
  case cidrs([CIDR])
}

/// Conntrack settings that are written to sysctls. nil, or false for `tcpBeLiberal`, leaves the kernel's value
/// unchanged.
public struct ConntrackSettings: Hashable, Sendable {
  /// Entries per CPU core. nil leaves the limit unchanged, whatever `minimum` says.
  public var maxPerCore: Int?
  /// The minimum number of entries, even on a machine with few CPU cores.
  public var minimum: Int
  public var tcpEstablishedTimeout: Duration?
  public var tcpCloseWaitTimeout: Duration?
  public var tcpBeLiberal: Bool
  public var udpTimeout: Duration?
  public var udpStreamTimeout: Duration?
}

public struct LoggingSettings: Hashable, Sendable {
  public enum Format: String, Hashable, Sendable, CaseIterable {
    case text
    case json
  }

  public var format: Format
  /// The verbosity of klog. 0 logs the least.
  public var verbosity: Int
}

/// The configuration that the proxy uses: validated, with all defaults applied and all texts converted to values.
public struct ProxyConfiguration: Hashable, Sendable {
  public var nodeName: String
  /// The node's primary address, if it is not taken from the Node. An unspecified address (0.0.0.0, ::) only selects
  /// the family.
  public var bindAddress: IPAddress
  /// nil if it is not served.
  public var healthzAddress: SocketAddress?
  /// nil if it is not served.
  public var metricsAddress: SocketAddress?
  /// Whether the process ends if a port cannot be bound.
  public var bindAddressHardFail: Bool
  public var enableProfiling: Bool
  public var showHiddenMetricsForVersion: String

  /// At most one per family.
  public var clusterCIDRs: [CIDR]
  public var detectLocalMode: DetectLocalMode
  public var nodePortAddresses: NodePortAddressSelection
  public var masqueradeAll: Bool
  /// 0...31.
  public var masqueradeBit: Int
  public var localhostNodePorts: Bool
  public var syncPeriod: Duration
  /// Zero means that every change is synced at once.
  public var minSyncPeriod: Duration
  public var conntrack: ConntrackSettings

  /// Empty means in-cluster configuration.
  public var kubeconfig: String
  /// Requests per second and their burst. They are accepted but not applied, because watches need few requests.
  public var clientQPS: Double
  public var clientBurst: Int
  public var configSyncPeriod: Duration
  public var oomScoreAdjustment: Int
  public var logging: LoggingSettings
  public var featureGates: [String: Bool]
  /// If false, `spec.externalIPs` is ignored (feature gate AllowServiceExternalIPs, KEP-5707).
  public var allowsExternalIPs: Bool

  public var serviceSubnets: ServiceSubnets

  /// The same settings as a configuration file with defaults, for `/configz` and `--write-config-to`.
  public var source: KubeProxyConfiguration

  public func clusterCIDR(of family: IPFamily) -> CIDR? { clusterCIDRs.first { $0.family == family } }
}
