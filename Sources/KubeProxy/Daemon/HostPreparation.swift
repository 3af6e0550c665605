import Applier
import Configuration
import Glibc
import KubernetesAPI
import Logging
import Planner
import ServiceModel

/// What is known about the host before rules are planned.
struct KnownHost: Sendable {
  var backend: BackendChoice
  var features: [IPFamily: RuleFeatures]

  /// The IP families that the kernel and the programs support.
  var families: [IPFamily] { features.keys.sorted() }

  /// Selects the facts that the planner needs.
  /// - Throws: if no family can be used.
  init(_ backend: BackendChoice, _ facts: HostFacts, bpf: Set<IPFamily>, logger: Logger) throws(DaemonError) {
    for (family, reason) in facts.missing.sorted(by: { $0.key < $1.key }) {
      logger.warning("IP family is left out", metadata: ["family": "\(family.rawValue)", "reason": "\(reason)"])
    }
    if let failure = facts.accountingFailure {
      logger.warning("packets to node ports on loopback are not counted", metadata: ["error": "\(failure)"])
    }
    if facts.families.isEmpty { throw .noFamily(facts.missing) }
    self.backend = backend
    features = [:]
    for family in facts.families.keys {
      features[family] = RuleFeatures(
        randomFully: facts.randomFully(family), accounting: facts.hasAccounting,
        conntrackTCPLiberal: facts.conntrackTCPLiberal, bpf: bpf.contains(family))
    }
  }
}

/// A host that is ready for the first sync.
struct PreparedHost: Sendable {
  var known: KnownHost
  var commands: SystemIPTables
}

/// Chooses the backend, sets sysctls and reads the facts that planning depends on.
struct HostPreparation: Sendable {
  let setup: DaemonSetup
  let logger: Logger

  func run() async throws(DaemonError) -> PreparedHost {
    let legacyTables = RememberedLegacyTables()
    guard let backend = await Backend.detect(setup.backend, tables: legacyTables) else { throw .noIPTables }
    logger.notice(
      "iptables backend", metadata: ["backend": "\(backend.backend.rawValue)", "reason": "\(backend.reason)"])
    _ = applySettings(advice: "delete the Pod, so that its init container sets it, or set it on the host")
    await RemainsReport(logger: logger, legacyTables: legacyTables).run(backend.backend)
    OOMScore.apply(setup.configuration.oomScoreAdjustment, logger: logger)
    let commands = SystemIPTables(IPTablesPrograms(backend.backend))
    let facts: HostFacts
    do {
      facts = try await HostFacts.read(
        commands: commands, sysctls: KernelSysctls(), accounting: KernelAccounting(),
        accountingNames: PlannerOptions.accountingNames)
    } catch {
      throw .notStarted(error)
    }
    let known = try KnownHost(backend, facts, bpf: facts.bpfFamilies, logger: logger)
    tellEndpointRules(known.features)
    return PreparedHost(known: known, commands: commands)
  }

  /// Logs which form the endpoint rules can have on this host.
  private func tellEndpointRules(_ features: [IPFamily: RuleFeatures]) {
    let mode = setup.extra.endpointRules
    logger.notice(
      "rules for endpoints",
      metadata: ["endpointRules": "\(mode.rawValue)", "bpfMatch": "\(EndpointRuleSupport(features))"])
    let lacking = features.filter { !$0.value.bpf }.keys.sorted()
    guard mode == .compact, !lacking.isEmpty else { return }
    logger.warning(
      "endpoints get chains because this host lacks the bpf match that compact rules need",
      metadata: ["families": "\(lacking.map(\.rawValue).joined(separator: ","))"])
  }

  /// Sets the sysctls that the configuration requests. A failure is logged, and the other sysctls are still set.
  /// - Parameter advice: what the user can do if a sysctl cannot be set.
  func applySettings(advice: String) -> KernelSettingsReport {
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let report = KernelSettings(setup.configuration).apply(to: KernelSysctls(), cores: cores)
    for change in report.changes {
      logger.info(
        "sysctl set",
        metadata: [
          "sysctl": "\(change.name)", "old": "\(change.old.map(String.init) ?? "-")", "new": "\(change.new)",
        ])
    }
    for failure in report.failures {
      logger.warning("sysctl could not be set; \(advice)", metadata: ["error": "\(failure)"])
    }
    return report
  }
}
