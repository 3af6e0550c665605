import Applier
import Glibc
import IPTables
import Synchronization
import System

/// Counters in memory.
package final class MemoryAccounting: Accounting {
  private let counters: Mutex<[String: Counters]>
  private let isSupported: Bool

  /// - Parameter isSupported: false for a kernel without nfacct.
  package init(_ counters: [String: Counters] = [:], isSupported: Bool = true) {
    self.counters = Mutex(counters)
    self.isSupported = isSupported
  }

  package func ensure(_ name: String) throws(SystemError) {
    guard isSupported else { throw SystemError(action: "answer a netlink request", code: EOPNOTSUPP) }
    counters.withLock { $0[name] = $0[name] ?? Counters() }
  }

  package func read(_ name: String) throws(SystemError) -> Counters? { counters.withLock { $0[name] } }
}
