import CIPTC
import Glibc
import IPTables
import ServiceModel
import System

/// Reads legacy tables of the calling thread's network namespace through libiptc.
package struct KernelLegacyTables: LegacyTables {
  package init() {}

  package func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable? {
    let names: Set<String>
    do throws(SystemError) {
      names = try KernelLegacyTables.names(family, TextFile.read)
    } catch {
      throw LegacyTableError(family: family, table: table, code: error.code, message: "\(error)")
    }
    guard names.contains(table.rawValue) else { return nil }
    switch family {
    case .ipv4: return try TableHandle(table, .ipv4).contents
    case .ipv6: return try TableHandle(table, .ipv6).contents
    }
  }

  /// The tables that exist. For any other table, libiptc makes the kernel load and create it.
  /// - Parameter read: reads a file with this path.
  static func names(
    _ family: IPFamily, _ read: (String) throws(SystemError) -> String
  ) throws(SystemError) -> Set<String> {
    let file = family == .ipv4 ? "ip_tables_names" : "ip6_tables_names"
    // Not /proc/net, which belongs to the network namespace of the process's first thread.
    do {
      return Set(try read("/proc/thread-self/net/\(file)").split(separator: "\n").map(String.init))
    } catch {
      // Without its module, the kernel has no such file, and no tables.
      if error.code == ENOENT { return [] }
      throw error
    }
  }
}

/// libiptc's functions for one family. The functions for IPv6 have other names, and their entries have another layout.
private struct TableFunctions<Entry> {
  let family: IPFamily
  let open: (UnsafePointer<CChar>) -> OpaquePointer?
  let close: (OpaquePointer) -> Void
  let firstChain: (OpaquePointer) -> UnsafePointer<CChar>?
  let nextChain: (OpaquePointer) -> UnsafePointer<CChar>?
  let firstRule: (UnsafePointer<CChar>, OpaquePointer) -> UnsafePointer<Entry>?
  let nextRule: (UnsafePointer<Entry>, OpaquePointer) -> UnsafePointer<Entry>?
  let counters: (UnsafePointer<Entry>) -> xt_counters
  let message: (CInt) -> UnsafePointer<CChar>?
}

extension TableFunctions<ipt_entry> {
  static var ipv4: TableFunctions {
    TableFunctions(
      family: .ipv4, open: iptc_init, close: iptc_free, firstChain: iptc_first_chain, nextChain: iptc_next_chain,
      firstRule: iptc_first_rule, nextRule: iptc_next_rule, counters: { $0.pointee.counters }, message: iptc_strerror)
  }
}

extension TableFunctions<ip6t_entry> {
  static var ipv6: TableFunctions {
    TableFunctions(
      family: .ipv6, open: ip6tc_init, close: ip6tc_free, firstChain: ip6tc_first_chain, nextChain: ip6tc_next_chain,
      firstRule: ip6tc_first_rule, nextRule: ip6tc_next_rule, counters: { $0.pointee.counters },
      message: ip6tc_strerror)
  }
}

/// Owns libiptc's copy of a table.
private final class TableHandle<Entry> {
  private let handle: OpaquePointer
  private let functions: TableFunctions<Entry>

  init(_ table: Table, _ functions: TableFunctions<Entry>) throws(LegacyTableError) {
    guard let handle = functions.open(table.rawValue) else {
      let code = errno
      let message = functions.message(code).map { String(cString: $0) } ?? ""
      throw LegacyTableError(family: functions.family, table: table, code: code, message: message)
    }
    self.handle = handle
    self.functions = functions
  }

  deinit { functions.close(handle) }

  var contents: LegacyTable {
    var result = LegacyTable(chains: [])
    var chain = functions.firstChain(handle)
    while let name = chain {
      var counters: [Counters] = []
      var rule = functions.firstRule(name, handle)
      while let entry = rule {
        let count = functions.counters(entry)
        counters.append(Counters(packets: count.pcnt, bytes: count.bcnt))
        rule = functions.nextRule(entry, handle)
      }
      result.chains.append(.init(name: String(cString: name), counters: counters))
      chain = functions.nextChain(handle)
    }
    return result
  }
}
