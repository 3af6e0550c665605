import Applier
import IPTables
import Logging
import Planner
import ServiceModel
import System

/// Reads what planning needs to know about the host, and changes nothing.
struct ShadowHost: Sendable {
  let setup: DaemonSetup
  let logger: Logger

  func read() async throws(DaemonError) -> KnownHost {
    guard let backend = await Backend.detect(setup.backend, priority: .idle) else { throw .noIPTables }
    logger.notice(
      "shadow mode: the rules are planned and compared with the kernel's, and nothing is written",
      metadata: ["backend": "\(backend.backend.rawValue)", "reason": "\(backend.reason)"])
    let facts: HostFacts
    do {
      facts = try await HostFacts.readOnly(
        commands: SystemIPTables(IPTablesPrograms(backend.backend)), sysctls: KernelSysctls(),
        accounting: KernelAccounting(), accountingNames: PlannerOptions.accountingNames)
    } catch {
      throw .notStarted(error)
    }
    // Only iptables-restore could tell whether the kernel has the match, and it must not run here. So the rules are
    // planned as the operator asks.
    let bpf = setup.extra.endpointRules == .chains ? [] : Set(facts.families.keys)
    return try KnownHost(backend, facts, bpf: bpf, logger: logger)
  }
}
