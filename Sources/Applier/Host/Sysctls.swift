import Glibc

/// Numbers under /proc/sys and /sys/module, named by their path below these, such as
/// `net/ipv4/conf/all/route_localnet`.
///
/// Real: ``KernelSysctls``. In memory: ``MemorySysctls``.
public protocol Sysctls: Sendable {
  /// nil where there is no such file.
  func read(_ name: SysctlName) throws(SysctlError) -> Int?
  func write(_ value: Int, to name: SysctlName) throws(SysctlError)
}

/// Where a number is kept.
public struct SysctlName: Hashable, Sendable, CustomStringConvertible {
  /// Absolute.
  public let path: String

  /// `net/ipv4/ip_forward`
  public init(_ name: String) { path = "/proc/sys/\(name)" }

  private init(path: String) { self.path = path }

  public static let routeLocalnet = SysctlName("net/ipv4/conf/all/route_localnet")
  public static let disableIPv6 = SysctlName("net/ipv6/conf/all/disable_ipv6")
  public static let conntrackMax = SysctlName("net/netfilter/nf_conntrack_max")
  public static let conntrackTCPBeLiberal = SysctlName("net/netfilter/nf_conntrack_tcp_be_liberal")
  public static let conntrackTCPEstablished = SysctlName("net/netfilter/nf_conntrack_tcp_timeout_established")
  public static let conntrackTCPCloseWait = SysctlName("net/netfilter/nf_conntrack_tcp_timeout_close_wait")
  public static let conntrackUDP = SysctlName("net/netfilter/nf_conntrack_udp_timeout")
  public static let conntrackUDPStream = SysctlName("net/netfilter/nf_conntrack_udp_timeout_stream")
  /// A parameter of the kernel module, not a sysctl; writable in the initial network namespace only.
  public static let conntrackHashSize = SysctlName(path: "/sys/module/nf_conntrack/parameters/hashsize")

  public var description: String { path }
}

/// A number that could not be read or set.
public struct SysctlError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Action: String, Sendable { case read, write }

  public let action: Action
  public let name: SysctlName
  /// The errno; 0 where the file holds no number.
  public let code: Int32
  /// What was to be written.
  public let value: Int?

  public init(_ action: Action, _ name: SysctlName, code: Int32, value: Int? = nil) {
    self.value = value
    self.action = action
    self.name = name
    self.code = code
  }

  public var description: String {
    "\(action.rawValue)\(value.map { " \($0) to" } ?? "") \(name): \(code == 0 ? "not a number" : String(cString: strerror(code)))"
  }
}

/// Those of the calling thread's network namespace.
public struct KernelSysctls: Sysctls {
  public init() {}

  public func read(_ name: SysctlName) throws(SysctlError) -> Int? {
    guard let text = TextFile.read(name.path) else {
      if errno == ENOENT { return nil }
      throw SysctlError(.read, name, code: errno)
    }
    guard let value = Int(text.prefix { !$0.isWhitespace }) else { throw SysctlError(.read, name, code: 0) }
    return value
  }

  public func write(_ value: Int, to name: SysctlName) throws(SysctlError) {
    guard TextFile.write("\(value)", to: name.path) else { throw SysctlError(.write, name, code: errno, value: value) }
  }
}
