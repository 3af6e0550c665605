import Applier
import Glibc
import IPTables
import Synchronization

/// Counters in memory.
package final class MemoryAccounting: Accounting {
  private let counters: Mutex<[String: Counters]>
  private let isSupported: Bool

  /// - Parameter isSupported: false for a kernel without nfacct.
  package init(_ counters: [String: Counters] = [:], isSupported: Bool = true) {
    self.counters = Mutex(counters)
    self.isSupported = isSupported
  }

  package func ensure(_ name: String) throws(NetlinkError) {
    guard isSupported else { throw NetlinkError(action: "netlink request", code: EOPNOTSUPP) }
    counters.withLock { $0[name] = $0[name] ?? Counters() }
  }

  package func read(_ name: String) throws(NetlinkError) -> Counters? { counters.withLock { $0[name] } }
}
