import Applier
import Glibc
import IPTables
import Lab
import ServiceModel
import Synchronization

/// An empty network namespace that lives as long as a closure.
package struct ScratchNamespace: Sendable {
  package let namespace: NetworkNamespace

  private static let counter = Mutex(0)

  /// Tests that need namespaces are skipped if this is false.
  package static let isPossible = geteuid() == 0

  package static func with<Result>(_ body: (ScratchNamespace) async throws -> Result) async throws -> Result {
    let number = counter.withLock { counter in
      counter += 1
      return counter
    }
    let name = "kpa\(getpid())x\(number)"
    try await Command(["ip", "netns", "add", name]).run()
    let removal = Command(["ip", "netns", "del", name])
    let result: Result
    do {
      try await Command(["ip", "link", "set", "lo", "up"]).run(in: NetworkNamespace(name))
      result = try await body(ScratchNamespace(namespace: NetworkNamespace(name)))
    } catch {
      // The error of `body` matters more than an error of the clean-up.
      _ = try? await removal.run()
      throw error
    }
    try await removal.run()
    return result
  }

  /// The iptables programs, which run in the namespace.
  package func commands(_ backend: Backend) -> SystemIPTables {
    SystemIPTables(
      IPTablesPrograms(backend, launcher: ["nsenter", "--net=\(NetworkNamespace.directory)/\(namespace.name)"]))
  }

  /// What `iptables-save -t TABLE` prints in the namespace, without comment lines.
  package func save(_ backend: Backend, _ family: IPFamily, _ table: Table, counters: Bool = false) async throws
    -> String
  {
    let program = "\(family == .ipv4 ? "iptables" : "ip6tables")-\(backend.rawValue)-save"
    let output = try await Command([program, "-t", table.rawValue] + (counters ? ["-c"] : [])).run(in: namespace)
    return output.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0 + "\n" }.joined()
  }

  /// Runs iptables-restore with this input in the namespace.
  package func restore(_ backend: Backend, _ family: IPFamily, _ input: String) async throws {
    let program = "\(family == .ipv4 ? "iptables" : "ip6tables")-\(backend.rawValue)-restore"
    try await Command([program, "-w", "--noflush", "--counters"], input: input).run(in: namespace)
  }

  /// The rules of the kernel, as values.
  package func rules(_ backend: Backend, _ family: IPFamily, _ table: Table) async throws -> RuleSet {
    try RuleSet(family: family, restoring: try await save(backend, family, table))
  }
}
