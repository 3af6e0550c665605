import Applier
import Glibc
import KubernetesAPI
import Logging
import Planner
import ServiceModel

/// What was found out about the host before the first sync.
struct PreparedHost: Sendable {
  var backend: BackendChoice
  var commands: SystemIPTables
  var features: [IPFamily: HostFeatures]

  /// Those that the kernel and the programs can do.
  var families: [IPFamily] { features.keys.sorted() }
}

/// Chooses the backend, sets sysctls and reads what planning depends on.
struct HostPreparation: Sendable {
  let setup: DaemonSetup
  let logger: Logger

  func run() async throws(DaemonError) -> PreparedHost {
    guard let backend = await Backend.detect(setup.backend) else { throw .noIPTables }
    logger.notice(
      "iptables backend", metadata: ["backend": "\(backend.backend.rawValue)", "reason": "\(backend.reason)"])
    _ = applySettings()
    await RemainsReport(logger: logger).run(backend.backend)
    OOMScore.apply(setup.configuration.oomScoreAdjustment, logger: logger)
    let commands = SystemIPTables(IPTablesPrograms(backend.backend))
    let facts = await HostFacts.read(
      commands: commands, sysctls: KernelSysctls(), accounting: KernelAccounting(),
      accountingNames: PlannerOptions.accountingNames)
    for (family, reason) in facts.missing.sorted(by: { $0.key < $1.key }) {
      logger.warning("IP family is left out", metadata: ["family": "\(family.rawValue)", "reason": "\(reason)"])
    }
    if facts.families.isEmpty { throw .noFamily(facts.missing) }
    var features: [IPFamily: HostFeatures] = [:]
    for family in facts.families.keys {
      features[family] = HostFeatures(
        randomFully: facts.randomFully(family), accounting: facts.hasAccounting,
        conntrackTCPLiberal: facts.conntrackTCPLiberal)
    }
    return PreparedHost(backend: backend, commands: commands, features: features)
  }

  /// Sets the sysctls that the configuration asks for; what cannot be set is told and does not keep the rest from it.
  func applySettings() -> HostSettingsReport {
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let report = HostSettings(setup.configuration).apply(to: KernelSysctls(), cores: cores)
    for change in report.changes {
      logger.info(
        "sysctl set",
        metadata: [
          "sysctl": "\(change.name)", "old": "\(change.old.map(String.init) ?? "-")", "new": "\(change.new)",
        ])
    }
    for failure in report.failures {
      logger.warning(
        "sysctl could not be set; delete the Pod, so that its init container sets it, or set it on the host",
        metadata: ["error": "\(failure)"])
    }
    return report
  }
}
