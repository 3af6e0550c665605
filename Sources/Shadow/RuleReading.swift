import IPTables
import ServiceModel

/// How the shadow reads the kernel's rules. It has no function that writes.
///
/// Real: ``KernelRuleReading``.
package protocol RuleReading: Sendable {
  /// Whether the kernel lists one chain without listing all rules.
  var readsSingleChains: Bool { get }

  /// Passes on all existing tables as lines of iptables-save. `line` runs on a thread of its own.
  func readAll(_ family: IPFamily, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void) async throws

  /// The names of a table's chains, including built-in ones; empty if there is no such table.
  func chains(_ family: IPFamily, of table: Table) async throws -> Set<ChainName>

  /// The rules of an existing chain.
  func rules(_ family: IPFamily, of chain: ChainKey) async throws -> [Rule]
}
