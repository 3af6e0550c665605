import Glibc

/// The sysctls that iptables mode wants, as values from the configuration.
public struct HostSettings: Sendable, Equatable {
  /// Node ports on 127.0.0.1 need packets with loopback addresses to be routed. Set only when true: without such node
  /// ports the host's own value stays, as it opens the loopback to neighbours (CVE-2020-8558).
  public var routeLocalnet = false
  /// `conntrack.maxPerCore`, and `conntrack.min` as its floor; nil or 0 leaves nf_conntrack_max alone.
  public var conntrackMaxPerCore: Int?
  public var conntrackMin: Int?
  /// In seconds; nil or 0 leaves the kernel's value.
  public var tcpEstablishedTimeout: Int?
  public var tcpCloseWaitTimeout: Int?
  public var udpTimeout: Int?
  public var udpStreamTimeout: Int?
  /// Set only when true.
  public var tcpBeLiberal = false

  public init() {}

  /// What nf_conntrack_max shall be at least; nil where it does not matter.
  public func conntrackMax(cores: Int) -> Int? {
    guard let perCore = conntrackMaxPerCore, perCore > 0 else { return nil }
    return max(perCore * cores, conntrackMin ?? 0)
  }

  /// Sets what differs.
  ///
  /// One that cannot be set does not keep the others from it: a container may have some of them read-only.
  public func apply(to sysctls: some Sysctls, cores: Int) -> HostSettingsReport {
    var report = HostSettingsReport()
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

  /// Never lowers it. The hash table grows along, at four entries a bucket, where this may be set at all.
  private func setConntrackMax(_ wanted: Int, _ sysctls: some Sysctls, _ report: inout HostSettingsReport) {
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

/// What became of the settings.
public struct HostSettingsReport: Sendable, Equatable {
  public struct Change: Sendable, Equatable {
    public var name: SysctlName
    public var old: Int?
    public var new: Int

    public init(name: SysctlName, old: Int?, new: Int) {
      self.name = name
      self.old = old
      self.new = new
    }
  }

  public var changes: [Change] = []
  public var failures: [SysctlError] = []

  public init() {}

  /// Whether all that the proxy needs was set. kube-proxy goes on as well where /sys is read-only: a small hash table makes
  /// conntrack slower, but not wrong.
  public var isComplete: Bool { failures.allSatisfy { $0.name == .conntrackHashSize && $0.code == EROFS } }

  mutating func perform(_ step: () throws(SysctlError) -> Change?) {
    do {
      if let change = try step() { changes.append(change) }
    } catch {
      failures.append(error)
    }
  }
}
