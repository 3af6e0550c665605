import Glibc
import IPTables
import ServiceModel
import System

/// What the planner needs to know about the host. It is read once at start.
package struct HostFacts: Sendable, Equatable {
  /// The families that the kernel and the iptables programs support, with the version of the programs.
  package var families: [IPFamily: IPTablesVersion] = [:]
  /// Why the other families are not supported.
  package var missing: [IPFamily: String] = [:]
  /// The families for which the programs and the kernel have the match that finds hairpin packets (`-m bpf`).
  package var bpfFamilies: Set<IPFamily> = []
  /// Whether the kernel has named packet counters, and all requested counters exist now.
  package var hasAccounting = false
  /// Why the counters could not be created, although the kernel has such counters; nil if there was no such failure.
  package var accountingFailure: String?
  /// Whether conntrack accepts packets outside of the TCP window (nf_conntrack_tcp_be_liberal).
  package var conntrackTCPLiberal = false

  package init() {}

  /// Whether MASQUERADE can choose ports fully at random.
  package func randomFully(_ family: IPFamily) -> Bool { families[family]?.hasRandomFully ?? false }

  /// Reads all facts.
  ///
  /// - Parameter accountingNames: counters that rules will name. They are created first, because the kernel rejects
  ///   rules that name a missing counter.
  /// - Throws: if the system did not start an iptables program that is there, or killed it, for example because it has
  ///   no memory left. Then it is not known whether the family is supported.
  package static func read(
    commands: some IPTablesCommands, sysctls: some Sysctls, accounting: some Accounting, accountingNames: [String]
  ) async throws(CommandError) -> HostFacts {
    var facts = await readHost(sysctls) { facts in facts.makeCounters(accounting, accountingNames) }
    try await facts.readFamilies { (family) async throws(CommandError) in
      let hasHairpinMatch = try await hasHairpinMatch(commands, family)
      return (try await commands.version(family), hasHairpinMatch)
    }
    return facts
  }

  /// Reads the facts and changes nothing. Does not look for the bpf match, because only iptables-restore knows whether
  /// it is there. Does not create counters: the host counts as having them if another proxy has created them.
  /// - Throws: as `read` does.
  package static func readOnly(
    commands: some IPTablesCommands, sysctls: some Sysctls, accounting: some Accounting, accountingNames: [String]
  ) async throws(CommandError) -> HostFacts {
    var facts = await readHost(sysctls) { facts in
      facts.hasAccounting = accountingNames.allSatisfy { ((try? accounting.read($0)) ?? nil) != nil }
    }
    try await facts.readFamilies { (family) async throws(CommandError) in (try await commands.version(family), false) }
    return facts
  }

  /// - Parameter read: reads the version of a family's programs, and whether they have the hairpin match.
  private mutating func readFamilies(
    _ read: (IPFamily) async throws(CommandError) -> (IPTablesVersion, hasHairpinMatch: Bool)
  ) async throws(CommandError) {
    for family in IPFamily.allCases where missing[family] == nil {
      do throws(CommandError) {
        let found = try await read(family)
        families[family] = found.0
        if found.hasHairpinMatch { bpfFamilies.insert(family) }
      } catch {
        if error.isPassing { throw error }
        missing[family] = error.description
      }
    }
  }

  private static func readHost(
    _ sysctls: some Sysctls, readAccounting: @escaping @Sendable (inout HostFacts) -> Void
  ) async -> HostFacts {
    await OwnThread.runAnyway("host facts") {
      var facts = HostFacts()
      facts.missing[.ipv6] = whyNoIPv6(sysctls)
      facts.conntrackTCPLiberal = (try? sysctls.read(.conntrackTCPBeLiberal)) == 1
      readAccounting(&facts)
      return facts
    }
  }

  /// Why the proxy writes no IPv6 rules; nil if the host uses IPv6.
  ///
  /// kube-proxy ignores IPv6 if it is disabled on all interfaces. If this program wrote IPv6 rules on such a host, a
  /// kube-proxy that replaces this program would not update or remove them.
  package static func whyNoIPv6(_ sysctls: some Sysctls) -> String? {
    // Not /proc/net, which belongs to the network namespace of the process's first thread.
    if access("/proc/thread-self/net/if_inet6", F_OK) != 0 { return "the kernel has no IPv6" }
    if (try? sysctls.read(.disableIPv6)) == 1 { return "net.ipv6.conf.all.disable_ipv6 is 1" }
    return nil
  }

  /// Whether iptables-restore accepts a rule with the match for hairpin packets.
  /// - Throws: if iptables-restore was not started or was killed, or if it does not accept a rule without the match
  ///   either, for example because the family has no nat table.
  private static func hasHairpinMatch(
    _ commands: some IPTablesCommands, _ family: IPFamily
  ) async throws(CommandError) -> Bool {
    func input(_ matches: [Match]) -> [UInt8] {
      var renderer = Renderer()
      renderer.begin(.nat)
      renderer.append(Rule(matches, .accept), to: .postrouting)
      renderer.commit()
      return renderer.take()
    }
    do {
      try await commands.test(family, input([.sameAddresses(family)]))
      return true
    } catch {
      if error.isPassing { throw error }
      try await commands.test(family, input([]))
      return false
    }
  }

  private mutating func makeCounters(_ accounting: some Accounting, _ names: [String]) {
    do throws(SystemError) {
      for name in names { try accounting.ensure(name) }
      hasAccounting = true
    } catch {
      // A kernel without nfacct rejects the request for the first counter.
      if ![EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].contains(error.code) { accountingFailure = "\(error)" }
    }
  }
}
