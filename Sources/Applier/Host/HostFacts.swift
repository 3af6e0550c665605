import Glibc
import IPTables
import ServiceModel
import System

/// What the planner has to know of the host, read once at start.
public struct HostFacts: Sendable, Equatable {
  /// Families that the kernel and the iptables programs can do, with the programs' version.
  public var families: [IPFamily: IPTablesVersion] = [:]
  /// Why the others cannot be done.
  public var missing: [IPFamily: String] = [:]
  /// Whether the kernel has named packet counters, and all that were asked for exist now.
  public var hasAccounting = false
  /// Whether conntrack lets packets pass that it cannot place (nf_conntrack_tcp_be_liberal).
  public var conntrackTCPLiberal = false
  public var interfaceAddresses: [InterfaceAddress] = []

  public init() {}

  /// MASQUERADE can pick ports fully at random.
  public func randomFully(_ family: IPFamily) -> Bool { families[family]?.hasRandomFully ?? false }

  /// Reads all of it.
  ///
  /// - Parameter accountingNames: counters that rules will refer to; they are made, as rules with them are refused
  ///   otherwise.
  public static func read(
    commands: some IPTablesCommands, sysctls: some Sysctls, accounting: some Accounting, accountingNames: [String]
  ) async -> HostFacts {
    var facts = await OwnThread.runAnyway("host facts") {
      var facts = HostFacts()
      facts.missing[.ipv6] = whyNoIPv6(sysctls)
      facts.conntrackTCPLiberal = (try? sysctls.read(.conntrackTCPBeLiberal)) == 1
      facts.interfaceAddresses = InterfaceAddress.all()
      facts.hasAccounting = makeCounters(accounting, accountingNames)
      return facts
    }
    for family in IPFamily.allCases {
      if facts.missing[family] != nil { continue }
      do {
        try await commands.save(family, .nat) { _ in }
        facts.families[family] = try await commands.version(family)
      } catch {
        facts.missing[family] = error.description
      }
    }
    return facts
  }

  /// nil where the host uses IPv6. kube-proxy leaves it out where it is disabled on all interfaces, and so would not know
  /// of rules in it.
  public static func whyNoIPv6(_ sysctls: some Sysctls) -> String? {
    // Not /proc/net, which is that of the process' first thread.
    if access("/proc/thread-self/net/if_inet6", F_OK) != 0 { return "the kernel has no IPv6" }
    if (try? sysctls.read(.disableIPv6)) == 1 { return "net.ipv6.conf.all.disable_ipv6 is 1" }
    return nil
  }

  /// A kernel without nfacct says so at the first one.
  private static func makeCounters(_ accounting: some Accounting, _ names: [String]) -> Bool {
    do {
      for name in names { try accounting.ensure(name) }
      return true
    } catch {
      return false
    }
  }
}
