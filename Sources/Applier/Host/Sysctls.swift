import Glibc
import System

/// Numbers under /proc/sys and /sys/module. A name is the path below /proc/sys, such as
/// `net/ipv4/conf/all/route_localnet`.
///
/// Real: ``KernelSysctls``. The tests have one in memory.
package protocol Sysctls: Sendable {
  /// nil if there is no such file.
  func read(_ name: SysctlName) throws(SysctlError) -> Int?
  func write(_ value: Int, to name: SysctlName) throws(SysctlError)
}

/// The file that holds a number.
package struct SysctlName: Hashable, Sendable, CustomStringConvertible {
  /// The absolute path.
  package let path: String

  /// - Parameter name: the path below /proc/sys, such as `net/ipv4/ip_forward`.
  package init(_ name: String) { path = "/proc/sys/\(name)" }

  private init(path: String) { self.path = path }

  package static let routeLocalnet = SysctlName("net/ipv4/conf/all/route_localnet")
  static let disableIPv6 = SysctlName("net/ipv6/conf/all/disable_ipv6")
  static let conntrackMax = SysctlName("net/netfilter/nf_conntrack_max")
  static let conntrackTCPBeLiberal = SysctlName("net/netfilter/nf_conntrack_tcp_be_liberal")
  static let conntrackTCPEstablished = SysctlName("net/netfilter/nf_conntrack_tcp_timeout_established")
  static let conntrackTCPCloseWait = SysctlName("net/netfilter/nf_conntrack_tcp_timeout_close_wait")
  static let conntrackUDP = SysctlName("net/netfilter/nf_conntrack_udp_timeout")
  static let conntrackUDPStream = SysctlName("net/netfilter/nf_conntrack_udp_timeout_stream")
  /// A parameter of the kernel module, not a sysctl; writable in the initial network namespace only.
  static let conntrackHashSize = SysctlName(path: "/sys/module/nf_conntrack/parameters/hashsize")

  package var description: String { path }
}

/// A number that could not be read or set.
package struct SysctlError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Action: String, Sendable { case read, write }

  package let action: Action
  package let name: SysctlName
  /// The errno; 0 if the file does not hold a number.
  package let code: Int32
  /// The value that should have been written.
  package let value: Int?

  package init(_ action: Action, _ name: SysctlName, code: Int32, value: Int? = nil) {
    self.value = value
    self.action = action
    self.name = name
    self.code = code
  }

  package var description: String {
    "\(action.rawValue)\(value.map { " \($0) to" } ?? "") \(name): \(code == 0 ? "not a number" : String(cString: strerror(code)))"
  }
}

/// The sysctls of the calling thread's network namespace.
package struct KernelSysctls: Sysctls {
  package init() {}

  package func read(_ name: SysctlName) throws(SysctlError) -> Int? {
    let text: String
    do throws(SystemError) {
      text = try TextFile.read(name.path)
    } catch {
      if error.code == ENOENT { return nil }
      throw SysctlError(.read, name, code: error.code)
    }
    guard let value = Int(text.prefix { !$0.isWhitespace }) else { throw SysctlError(.read, name, code: 0) }
    return value
  }

  package func write(_ value: Int, to name: SysctlName) throws(SysctlError) {
    do throws(SystemError) {
      try TextFile.write("\(value)", to: name.path)
    } catch {
      throw SysctlError(.write, name, code: error.code, value: value)
    }
  }
}
