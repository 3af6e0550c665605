import ServiceModel

/// How traffic from local pods is distinguished from other traffic (`detectLocalMode`).
package enum DetectLocalMode: Hashable, Sendable {
  /// By the configured cluster CIDR of the family. Without a CIDR, local traffic cannot be detected.
  case clusterCIDR
  /// By the pod CIDR of the node's own Node.
  case nodeCIDR
  case bridgeInterface(String)
  case interfaceNamePrefix(String)
}

/// The node addresses that accept traffic to node ports (`nodePortAddresses`).
package enum NodePortAddressSelection: Hashable, Sendable {
  case all
  /// The primary address of the Node in each family.
  case primary
  case cidrs([CIDR])
}

/// Conntrack settings that are written to sysctls. nil, or false for `tcpBeLiberal`, leaves the kernel's value
/// unchanged.
package struct ConntrackSettings: Hashable, Sendable {
  /// Entries per CPU core. nil leaves the limit unchanged, whatever `minimum` says.
  package var maxPerCore: Int?
  /// The minimum number of entries, even on a machine with few CPU cores.
  package var minimum: Int
  package var tcpEstablishedTimeout: Duration?
  package var tcpCloseWaitTimeout: Duration?
  package var tcpBeLiberal: Bool
  package var udpTimeout: Duration?
  package var udpStreamTimeout: Duration?
}

package struct LoggingSettings: Hashable, Sendable {
  package enum Format: String, Hashable, Sendable, CaseIterable {
    case text
    case json
  }

  package var format: Format
  /// The verbosity of klog. 0 logs the least.
  package var verbosity: Int
}

/// The configuration that the proxy uses: validated, with all defaults applied and all texts converted to values.
package struct ProxyConfiguration: Hashable, Sendable {
  package var nodeName: String
  /// The node's primary address, if it is not taken from the Node. An unspecified address (0.0.0.0, ::) only selects
  /// the family.
  package var bindAddress: IPAddress
  /// nil if `/healthz` is not served.
  package var healthzAddress: SocketAddress?
  /// nil if `/metrics` is not served.
  package var metricsAddress: SocketAddress?
  /// Whether the process ends if a port cannot be bound.
  package var bindAddressHardFail: Bool

  /// At most one per family.
  package var clusterCIDRs: [CIDR]
  package var detectLocalMode: DetectLocalMode
  package var nodePortAddresses: NodePortAddressSelection
  package var masqueradeAll: Bool
  /// 0...31.
  package var masqueradeBit: Int
  package var localhostNodePorts: Bool
  package var syncPeriod: Duration
  /// Zero means that every change is synced at once.
  package var minSyncPeriod: Duration
  package var conntrack: ConntrackSettings

  /// Empty means in-cluster configuration.
  package var kubeconfig: String
  package var oomScoreAdjustment: Int
  package var logging: LoggingSettings
  /// If false, `spec.externalIPs` is ignored (feature gate AllowServiceExternalIPs, KEP-5707).
  package var allowsExternalIPs: Bool

  package var serviceSubnets: ServiceSubnets

  /// The same settings as a configuration file with defaults, for `/configz` and `--write-config-to`.
  package var source: KubeProxyConfiguration

  package func clusterCIDR(of family: IPFamily) -> CIDR? { clusterCIDRs.first { $0.family == family } }
}
