public import ServiceModel

/// How a pod of this cluster (or this node) is told from the rest of the world (`detectLocalMode`).
public enum DetectLocalMode: Hashable, Sendable {
  /// By the configured cluster CIDR of the family; where there is none, it cannot be told.
  case clusterCIDR
  /// By the pod CIDR of the own Node.
  case nodeCIDR
  case bridgeInterface(String)
  case interfaceNamePrefix(String)
}

/// Which addresses of the node take node ports (`nodePortAddresses`).
public enum NodePortAddressSelection: Hashable, Sendable {
  case all
  /// The Node's own address of each family.
  case primary
  case cidrs([CIDR])
}

/// Settings of conntrack that become sysctls. nil, and false for `tcpBeLiberal`, leave the kernel's value alone.
public struct ConntrackSettings: Hashable, Sendable {
  /// Entries for each core; nil leaves the limit alone, whatever `minimum` says.
  public var maxPerCore: Int?
  /// At least so many entries, however few the cores are.
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
  /// klog's: 0 is the least.
  public var verbosity: Int
}

/// The configuration in force: checked, every default applied, every text a value.
public struct ProxyConfiguration: Hashable, Sendable {
  public var nodeName: String
  /// The node's primary address, if it is not to be taken from the Node; unspecified (0.0.0.0, ::) says only the family.
  public var bindAddress: IPAddress
  /// nil: not served.
  public var healthzAddress: SocketAddress?
  /// nil: not served.
  public var metricsAddress: SocketAddress?
  /// Whether a port that cannot be bound ends the process.
  public var bindAddressHardFail: Bool
  public var enableProfiling: Bool
  public var showHiddenMetricsForVersion: String

  /// At most one of each family.
  public var clusterCIDRs: [CIDR]
  public var detectLocalMode: DetectLocalMode
  public var nodePortAddresses: NodePortAddressSelection
  public var masqueradeAll: Bool
  /// 0...31.
  public var masqueradeBit: Int
  public var localhostNodePorts: Bool
  public var syncPeriod: Duration
  /// Zero: every change is synced at once.
  public var minSyncPeriod: Duration
  public var conntrack: ConntrackSettings

  /// Empty: in-cluster configuration.
  public var kubeconfig: String
  /// Requests per second and their burst; of a proxy that streams, a safeguard only.
  public var clientQPS: Double
  public var clientBurst: Int
  public var configSyncPeriod: Duration
  public var oomScoreAdjustment: Int
  public var logging: LoggingSettings
  public var featureGates: [String: Bool]
  /// False leaves `spec.externalIPs` out (feature gate AllowServiceExternalIPs, KEP-5707).
  public var allowsExternalIPs: Bool

  public var serviceSubnets: ServiceSubnets

  /// The same as a configuration file, with the defaults, for `/configz` and `--write-config-to`.
  public var source: KubeProxyConfiguration

  public func clusterCIDR(of family: IPFamily) -> CIDR? { clusterCIDRs.first { $0.family == family } }
}
