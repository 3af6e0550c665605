import CIPTC
import Glibc
import IPTables
import ServiceModel
import System

/// Reads legacy tables of the calling thread's network namespace through libiptc.
package struct KernelLegacyTables: LegacyTables {
  package init() {}

  package func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable? {
    guard KernelLegacyTables.names(family).contains(table.rawValue) else { return nil }
    switch family {
    case .ipv4: return try TableHandle4(table).contents
    case .ipv6: return try TableHandle6(table).contents
    }
  }

  /// The tables that exist. For any other table, libiptc makes the kernel load and create it.
  private static func names(_ family: IPFamily) -> Set<String> {
    let file = family == .ipv4 ? "ip_tables_names" : "ip6_tables_names"
    // Not /proc/net, which belongs to the network namespace of the process's first thread.
    let text = (try? TextFile.read("/proc/thread-self/net/\(file)")) ?? ""
    return Set(text.split(separator: "\n").map(String.init))
  }
}

/// Owns libiptc's copy of an IPv4 table.
private final class TableHandle4 {
  private let handle: OpaquePointer

  init(_ table: Table) throws(LegacyTableError) {
    guard let handle = iptc_init(table.rawValue) else {
      let code = errno
      throw LegacyTableError(family: .ipv4, table: table, code: code, message: String(cString: iptc_strerror(code)))
    }
    self.handle = handle
  }

  deinit { iptc_free(handle) }

  var contents: LegacyTable {
    var result = LegacyTable(chains: [])
    var chain = iptc_first_chain(handle)
    while let name = chain {
      var counters: [Counters] = []
      var rule = iptc_first_rule(name, handle)
      while let entry = rule {
        counters.append(Counters(packets: entry.pointee.counters.pcnt, bytes: entry.pointee.counters.bcnt))
        rule = iptc_next_rule(entry, handle)
      }
      result.chains.append(.init(name: String(cString: name), counters: counters))
      chain = iptc_next_chain(handle)
    }
    return result
  }
}

/// The same for IPv6, where the functions have other names and the entries another layout.
private final class TableHandle6 {
  private let handle: OpaquePointer

  init(_ table: Table) throws(LegacyTableError) {
    guard let handle = ip6tc_init(table.rawValue) else {
      let code = errno
      throw LegacyTableError(family: .ipv6, table: table, code: code, message: String(cString: ip6tc_strerror(code)))
    }
    self.handle = handle
  }

  deinit { ip6tc_free(handle) }

  var contents: LegacyTable {
    var result = LegacyTable(chains: [])
    var chain = ip6tc_first_chain(handle)
    while let name = chain {
      var counters: [Counters] = []
      var rule = ip6tc_first_rule(name, handle)
      while let entry = rule {
        counters.append(Counters(packets: entry.pointee.counters.pcnt, bytes: entry.pointee.counters.bcnt))
        rule = ip6tc_next_rule(entry, handle)
      }
      result.chains.append(.init(name: String(cString: name), counters: counters))
      chain = ip6tc_next_chain(handle)
    }
    return result
  }
}
