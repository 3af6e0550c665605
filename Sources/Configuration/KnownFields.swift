/// The fields that a configuration can have. Other fields are named in a warning.
indirect enum KnownFields: Sendable {
  /// Any value is accepted: a scalar, a list, or a map with keys that the user chooses.
  case any
  case object([String: KnownFields])
  case list(KnownFields)

  static func fields(_ names: String..., and more: [String: KnownFields] = [:]) -> KnownFields {
    .object(Dictionary(names.map { ($0, .any) }, uniquingKeysWith: { first, _ in first }).merging(more) { $1 })
  }

  /// kubeproxy.config.k8s.io/v1alpha1 of Kubernetes 1.36, including the fields of other modes and of Windows.
  static let kubeProxyConfiguration = KnownFields.fields(
    "apiVersion", "kind", "featureGates", "hostnameOverride", "bindAddress", "healthzBindAddress",
    "metricsBindAddress", "bindAddressHardFail", "enableProfiling", "showHiddenMetricsForVersion", "mode",
    "detectLocalMode", "clusterCIDR", "nodePortAddresses", "oomScoreAdj", "configSyncPeriod", "portRange",
    "windowsRunAsService",
    and: [
      "clientConnection": .fields("kubeconfig", "acceptContentTypes", "contentType", "qps", "burst"),
      "logging": logging,
      "iptables": .fields("masqueradeBit", "masqueradeAll", "localhostNodePorts", "syncPeriod", "minSyncPeriod"),
      "ipvs": .fields(
        "syncPeriod", "minSyncPeriod", "scheduler", "excludeCIDRs", "strictARP", "tcpTimeout", "tcpFinTimeout",
        "udpTimeout"),
      "nftables": .fields("masqueradeBit", "masqueradeAll", "syncPeriod", "minSyncPeriod"),
      "winkernel": .fields(
        "networkName", "sourceVip", "enableDSR", "rootHnsEndpointName", "forwardHealthCheckVip"),
      "detectLocal": .fields("bridgeInterface", "interfaceNamePrefix"),
      "conntrack": .fields(
        "maxPerCore", "min", "tcpEstablishedTimeout", "tcpCloseWaitTimeout", "tcpBeLiberal", "udpTimeout",
        "udpStreamTimeout"),
    ])

  private static let logging = KnownFields.fields(
    "format", "flushFrequency", "verbosity",
    and: [
      "vmodule": .list(.fields("filePattern", "verbosity")),
      "options": .fields(
        and: ["text": .fields("splitStream", "infoBufferSize"), "json": .fields("splitStream", "infoBufferSize")]),
    ])
}
