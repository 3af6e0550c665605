import Glibc

/// The sysctls that iptables mode sets, with values from the configuration.
package struct KernelSettings: Sendable, Equatable {
  /// Whether to set route_localnet to 1. Node ports on 127.0.0.1 need the kernel to route packets with loopback
  /// addresses. If this is false, the host's own value stays. The proxy does not set it without need, because it opens
  /// the loopback addresses to neighbouring hosts (CVE-2020-8558).
  package var routeLocalnet = false
  /// `conntrack.maxPerCore`, with `conntrack.min` as the lower limit; nil or 0 leaves nf_conntrack_max as it is.
  package var conntrackMaxPerCore: Int?
  package var conntrackMin: Int?
  /// In seconds; nil or 0 leaves the kernel's value as it is.
  package var tcpEstablishedTimeout: Int?
  package var tcpCloseWaitTimeout: Int?
  package var udpTimeout: Int?
  package var udpStreamTimeout: Int?
  /// Set only when true.
  package var tcpBeLiberal = false

  package init() {}

  /// The minimum for nf_conntrack_max; nil if there is none.
  func conntrackMax(cores: Int) -> Int? {
    guard let perCore = conntrackMaxPerCore, perCore > 0 else { return nil }
    return max(perCore * cores, conntrackMin ?? 0)
  }

  /// Sets each sysctl that has another value.
  ///
  /// If one cannot be set, the others are still set. In a container, some of them may be read-only.
  package func apply(to sysctls: some Sysctls, cores: Int) -> KernelSettingsReport {
    var report = KernelSettingsReport()
    if let wanted = conntrackMax(cores: cores) { setConntrackMax(wanted, sysctls, &report) }
    for (name, value) in fixed {
      report.perform { () throws(SysctlError) in
        let old = try sysctls.read(name)
        if old == value { return nil }
        try sysctls.write(value, to: name)
        return .init(name: name, old: old, new: value)
      }
    }
    return report
  }

  private var fixed: [(SysctlName, Int)] {
    var result: [(SysctlName, Int)] = []
    if routeLocalnet { result.append((.routeLocalnet, 1)) }
    if tcpBeLiberal { result.append((.conntrackTCPBeLiberal, 1)) }
    let timeouts: [(SysctlName, Int?)] = [
      (.conntrackTCPEstablished, tcpEstablishedTimeout), (.conntrackTCPCloseWait, tcpCloseWaitTimeout),
      (.conntrackUDP, udpTimeout), (.conntrackUDPStream, udpStreamTimeout),
    ]
    for (name, seconds) in timeouts {
      if let seconds, seconds > 0 { result.append((name, seconds)) }
    }
    return result
  }

  /// Never lowers the value. The hash table gets one bucket for four entries, if this process may set it.
  private func setConntrackMax(_ wanted: Int, _ sysctls: some Sysctls, _ report: inout KernelSettingsReport) {
    report.perform { () throws(SysctlError) in
      let old = try sysctls.read(.conntrackMax)
      if let old, old >= wanted { return nil }
      try sysctls.write(wanted, to: .conntrackMax)
      return .init(name: .conntrackMax, old: old, new: wanted)
    }
    report.perform { () throws(SysctlError) in
      guard let old = try sysctls.read(.conntrackHashSize), old < wanted / 4 else { return nil }
      try sysctls.write(wanted / 4, to: .conntrackHashSize)
      return .init(name: .conntrackHashSize, old: old, new: wanted / 4)
    }
  }
}

/// The result of setting the sysctls.
package struct KernelSettingsReport: Sendable, Equatable {
  package struct Change: Sendable, Equatable {
    package var name: SysctlName
    package var old: Int?
    package var new: Int

    package init(name: SysctlName, old: Int?, new: Int) {
      self.name = name
      self.old = old
      self.new = new
    }
  }

  package var changes: [Change] = []
  package var failures: [SysctlError] = []

  package init() {}

  /// Whether everything that the proxy needs was set. Like kube-proxy, it continues if /sys is read-only: a small hash
  /// table makes conntrack slower, but not wrong.
  package var isComplete: Bool { failures.allSatisfy { $0.name == .conntrackHashSize && $0.code == EROFS } }

  mutating func perform(_ step: () throws(SysctlError) -> Change?) {
    do {
      if let change = try step() { changes.append(change) }
    } catch {
      failures.append(error)
    }
  }
}
