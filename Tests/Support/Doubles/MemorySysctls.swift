import Applier
import Glibc
import Synchronization

/// Sysctls in memory.
package final class MemorySysctls: Sysctls {
  private let values: Mutex<[SysctlName: Int]>
  private let readOnly: Set<SysctlName>

  /// - Parameter readOnly: names that cannot be set, as in a container without the privilege.
  package init(_ values: [SysctlName: Int] = [:], readOnly: Set<SysctlName> = []) {
    self.values = Mutex(values)
    self.readOnly = readOnly
  }

  package func read(_ name: SysctlName) throws(SysctlError) -> Int? { values.withLock { $0[name] } }

  package func write(_ value: Int, to name: SysctlName) throws(SysctlError) {
    if readOnly.contains(name) { throw SysctlError(.write, name, code: EROFS) }
    values.withLock { $0[name] = value }
  }
}
