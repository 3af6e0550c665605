import ServiceModel
import Time

extension KubeProxyConfiguration {
  /// Applies the defaults of kube-proxy 1.36 for iptables mode to all fields that still have their zero value.
  ///
  /// The default addresses have the family of `bindAddress`. If `bindAddress` is not an address, `checked` reports it.
  package mutating func applyDefaults() {
    if bindAddress.isEmpty { bindAddress = "0.0.0.0" }
    let isIPv6 = IPAddress(bindAddress)?.family == .ipv6
    healthzBindAddress = KubeProxyConfiguration.address(
      healthzBindAddress.isEmpty ? (isIPv6 ? "::" : "0.0.0.0") : healthzBindAddress,
      withPort: KubeProxyConfiguration.healthzPort)
    metricsBindAddress = KubeProxyConfiguration.address(
      metricsBindAddress.isEmpty ? (isIPv6 ? "::1" : "127.0.0.1") : metricsBindAddress,
      withPort: KubeProxyConfiguration.metricsPort)
    if mode.isEmpty { mode = "iptables" }
    if detectLocalMode.isEmpty { detectLocalMode = "ClusterCIDR" }
    oomScoreAdj = oomScoreAdj ?? -999
    if configSyncPeriod == .zero { configSyncPeriod = GoDuration(.seconds(15 * 60)) }
    iptables.applyDefaults()
    conntrack.applyDefaults()
    clientConnection.applyDefaults()
    if logging.format.isEmpty { logging.format = "text" }
    if logging.flushFrequency.value == .zero { logging.flushFrequency = FlushFrequency(GoDuration(.seconds(5))) }
  }

  package static let healthzPort = 10_256
  package static let metricsPort = 10_249
  /// `conntrack.min`.
  package static let defaultConntrackMinimum = 128 * 1024

  /// Adds the port to an address without a port. Any other text is returned unchanged.
  package static func address(_ text: String, withPort port: Int) -> String {
    IPAddress(text) == nil ? text : "\(HostAndPort.bracketed(text)):\(port)"
  }
}

extension KubeProxyConfiguration.IPTables {
  fileprivate mutating func applyDefaults() {
    masqueradeBit = masqueradeBit ?? 14
    localhostNodePorts = localhostNodePorts ?? true
    if syncPeriod == .zero { syncPeriod = GoDuration(.seconds(30)) }
    if minSyncPeriod == .zero { minSyncPeriod = GoDuration(.seconds(1)) }
  }
}

extension KubeProxyConfiguration.Conntrack {
  /// 0 means that the kernel's setting is not changed. The limits and the TCP timeouts are optional, so that 0 differs
  /// from absent.
  fileprivate mutating func applyDefaults() {
    maxPerCore = maxPerCore ?? 32 * 1024
    min = min ?? KubeProxyConfiguration.defaultConntrackMinimum
    tcpEstablishedTimeout = tcpEstablishedTimeout ?? GoDuration(.seconds(24 * 3600))
    tcpCloseWaitTimeout = tcpCloseWaitTimeout ?? GoDuration(.seconds(3600))
  }
}

extension KubeProxyConfiguration.ClientConnection {
  fileprivate mutating func applyDefaults() {
    if contentType.isEmpty { contentType = "application/vnd.kubernetes.protobuf" }
    if qps == 0 { qps = 5 }
    if burst == 0 { burst = 10 }
  }
}
