import KubernetesAPI
import ServiceModel

/// What a configuration needs to know about the host and the cluster.
package struct ConfigurationContext: Sendable {
  /// The host's own name (gethostname). It is used if `hostnameOverride` is empty.
  package var hostname: String
  package var serviceSubnets: ServiceSubnets

  package init(hostname: String, serviceSubnets: ServiceSubnets = .unknown) {
    self.hostname = hostname
    self.serviceSubnets = serviceSubnets
  }
}

extension KubeProxyConfiguration {
  /// Checks every value. The defaults must already be applied, so an empty or zero value is intended.
  /// - Throws: all errors at once.
  package func checked(in context: ConfigurationContext) throws(ConfigurationErrors) -> ProxyConfiguration {
    var check = ConfigurationCheck()
    let result = values(in: context, &check)
    // For a value that could not be read, no further error is reported.
    let errors = unreadable + check.errors.filter { error in !unreadable.contains { $0.field == error.field } }
    guard let result, errors.isEmpty else { throw ConfigurationErrors(errors) }
    return result
  }

  private func values(in context: ConfigurationContext, _ check: inout ConfigurationCheck) -> ProxyConfiguration? {
    if mode != "iptables" {
      check.fail("mode", "\(mode.quoted) is not supported: this program implements iptables mode")
    }
    let nodeName = (hostnameOverride.isEmpty ? context.hostname : hostnameOverride).trimmingBlanks.lowercased()
    if !NameRule.isSubdomain(nodeName) {
      check.fail("hostnameOverride", "\(nodeName.quoted) is not a valid name of a Node (a DNS subdomain)")
    }
    let bind = check.address(bindAddress, "bindAddress")
    let healthz = check.optionalSocketAddress(healthzBindAddress, "healthzBindAddress")
    let metrics = check.optionalSocketAddress(metricsBindAddress, "metricsBindAddress")
    let conntrack = conntrackSettings(&check)
    let logging = loggingSettings(&check)
    let detectLocal = detectLocalMode(&check)
    let periods = syncPeriods(&check)
    let clusterCIDRs = clusterCIDRs(detectLocal, &check)
    let nodePorts = nodePortSelection(&check)
    let bit = check.number(iptables.masqueradeBit ?? 14, within: 0...31, "iptables.masqueradeBit")
    _ = check.duration(configSyncPeriod, allowsZero: false, "configSyncPeriod")
    let oomScore = check.number(oomScoreAdj ?? -999, within: -1000...1000, "oomScoreAdj")
    checkClient(&check)
    guard let bind, let detectLocal, let logging else { return nil }
    return ProxyConfiguration(
      nodeName: nodeName, bindAddress: bind, healthzAddress: healthz, metricsAddress: metrics,
      bindAddressHardFail: bindAddressHardFail,
      clusterCIDRs: clusterCIDRs, detectLocalMode: detectLocal,
      nodePortAddresses: nodePorts, masqueradeAll: iptables.masqueradeAll,
      masqueradeBit: bit,
      localhostNodePorts: iptables.localhostNodePorts ?? true, syncPeriod: periods.full,
      minSyncPeriod: periods.minimum, conntrack: conntrack, kubeconfig: clientConnection.kubeconfig,
      oomScoreAdjustment: oomScore,
      logging: logging,
      allowsExternalIPs: featureGates?[FeatureGates.externalIPs] ?? true, serviceSubnets: context.serviceSubnets,
      source: self)
  }

  /// If another mode detects local pods, a wrong value has no effect. As in kube-proxy 1.36, it is then not an error. If
  /// the mode is wrong, it is not known which mode is meant, so the value is checked.
  private func clusterCIDRs(_ mode: DetectLocalMode?, _ check: inout ConfigurationCheck) -> [CIDR] {
    var unused = ConfigurationCheck()
    return mode == .clusterCIDR || mode == nil
      ? check.cidrPair(clusterCIDR, "clusterCIDR") : unused.cidrPair(clusterCIDR, "clusterCIDR")
  }

  private func detectLocalMode(_ check: inout ConfigurationCheck) -> DetectLocalMode? {
    switch detectLocalMode {
    case "ClusterCIDR": return .clusterCIDR
    case "NodeCIDR": return .nodeCIDR
    case "BridgeInterface":
      return .bridgeInterface(check.interface(detectLocal.bridgeInterface, "detectLocal.bridgeInterface"))
    case "InterfaceNamePrefix":
      return .interfaceNamePrefix(
        check.interface(detectLocal.interfaceNamePrefix, "detectLocal.interfaceNamePrefix"))
    default:
      check.fail(
        "detectLocalMode",
        "\(detectLocalMode.quoted) is not one of ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix")
      return nil
    }
  }

  private func nodePortSelection(_ check: inout ConfigurationCheck) -> NodePortAddressSelection {
    let texts = nodePortAddresses ?? []
    if texts.isEmpty { return .all }
    if texts == ["primary"] { return .primary }
    var cidrs: [CIDR] = []
    for (index, text) in texts.enumerated() {
      let field = "nodePortAddresses[\(index)]"
      if text == "primary" {
        check.fail(field, "\"primary\" cannot be combined with other values")
      } else if let cidr = check.cidr(text, field) {
        cidrs.append(cidr)
      }
    }
    return .cidrs(cidrs)
  }

  private struct SyncPeriods {
    var full: Duration
    var minimum: Duration
  }

  private func syncPeriods(_ check: inout ConfigurationCheck) -> SyncPeriods {
    let result = SyncPeriods(
      full: check.duration(iptables.syncPeriod, allowsZero: false, "iptables.syncPeriod"),
      minimum: check.duration(iptables.minSyncPeriod, allowsZero: true, "iptables.minSyncPeriod"))
    if result.minimum > result.full {
      check.fail(
        "iptables.syncPeriod", "\(iptables.syncPeriod) is less than iptables.minSyncPeriod (\(iptables.minSyncPeriod))")
    }
    return result
  }

  private func conntrackSettings(_ check: inout ConfigurationCheck) -> ConntrackSettings {
    let perCore = check.number(conntrack.maxPerCore ?? 0, within: 0...Int(Int32.max), "conntrack.maxPerCore")
    return ConntrackSettings(
      maxPerCore: perCore == 0 ? nil : perCore,
      minimum: check.number(conntrack.min ?? 0, within: 0...Int(Int32.max), "conntrack.min"),
      tcpEstablishedTimeout: check.optionalDuration(
        conntrack.tcpEstablishedTimeout, "conntrack.tcpEstablishedTimeout"),
      tcpCloseWaitTimeout: check.optionalDuration(conntrack.tcpCloseWaitTimeout, "conntrack.tcpCloseWaitTimeout"),
      tcpBeLiberal: conntrack.tcpBeLiberal,
      udpTimeout: check.optionalDuration(conntrack.udpTimeout, "conntrack.udpTimeout"),
      udpStreamTimeout: check.optionalDuration(conntrack.udpStreamTimeout, "conntrack.udpStreamTimeout"))
  }

  private func loggingSettings(_ check: inout ConfigurationCheck) -> LoggingSettings? {
    let verbosity = check.number(logging.verbosity, within: 0...Int(Int32.max), "logging.verbosity")
    guard let format = LoggingSettings.Format(rawValue: logging.format) else {
      check.fail("logging.format", "\(logging.format.quoted) is not one of text, json")
      return nil
    }
    return LoggingSettings(format: format, verbosity: verbosity)
  }

  private func checkClient(_ check: inout ConfigurationCheck) {
    _ = check.number(clientConnection.burst, within: 0...Int(Int32.max), "clientConnection.burst")
    let version = showHiddenMetricsForVersion
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
    if !version.isEmpty && (parts.count != 2 || !parts.allSatisfy({ UInt16($0) != nil })) {
      check.fail("showHiddenMetricsForVersion", "\(version.quoted) is not MAJOR.MINOR")
    }
  }
}
