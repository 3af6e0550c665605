import Applier
import ArgumentParser
import IPTables
import Logging
import ServiceModel

/// `--cleanup`: removes all rules of kube-proxy and of this program, in both families and backends, and the tables of
/// kube-proxy's nftables mode.
struct CleanupAction {
  let logger: Logger

  func run() async throws {
    let commands = Backend.allCases.map { SystemIPTables(IPTablesPrograms($0)) }.filter { $0.programs.areInstalled }
    var hasFailed = commands.isEmpty
    if commands.isEmpty { logger.error("iptables is not installed") }
    for report in await Cleanup(commands).run() {
      if let failure = report.failure {
        hasFailed = true
        logger.error("clean-up failed", metadata: report.metadata.merging(["error": "\(failure)"]) { $1 })
      } else {
        logger.notice("cleaned up", metadata: report.metadata)
      }
    }
    for family in IPFamily.allCases {
      do {
        try await KernelNFTables().deleteTable(family, ProxyRemains.nftablesTable)
      } catch {
        // `isClean` names a table that is still there. A kernel without nf_tables has no table to delete.
        logger.debug("table of nftables mode not deleted", metadata: ["error": "\(error)"])
      }
    }
    if await !isClean() || hasFailed { throw ExitCode.failure }
  }

  /// Looks into the kernel, because the iptables programs report success even if they removed nothing.
  private func isClean() async -> Bool {
    let remains = await ProxyRemains.read()
    for failure in remains.failures {
      logger.error("cannot look for what is left", metadata: ["error": "\(failure)"])
    }
    for left in remains.all { logger.error("could not be removed", metadata: ["left": "\(left)"]) }
    return remains.failures.isEmpty && remains.all.isEmpty
  }
}

extension CleanupReport {
  var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = [
      "backend": "\(backend.rawValue)", "family": "\(family.rawValue)", "chainsRemoved": "\(chainsRemoved)",
      "jumpsRemoved": "\(jumpsRemoved)",
    ]
    if !chainsKept.isEmpty {
      let names = chainsKept.map { "\($0.table.rawValue) \($0.name)" }
      metadata["keptForForeignRules"] = "\(names.joined(separator: ", "))"
    }
    return metadata
  }
}
