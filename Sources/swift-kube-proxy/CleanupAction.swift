import Applier
import ArgumentParser
import IPTables
import Logging
import ServiceModel

/// `--cleanup`: removes all rules of kube-proxy and of this program, in both families and backends.
struct CleanupAction {
  let logger: Logger

  func run() async throws {
    let commands = Backend.allCases.map { SystemIPTables(IPTablesPrograms($0)) }.filter { $0.programs.areInstalled }
    var hasFailed = commands.isEmpty
    if commands.isEmpty { logger.error("iptables is not installed") }
    for report in await Cleanup(commands).run() {
      if let failure = report.failure {
        hasFailed = true
        logger.error("clean-up failed", metadata: metadata(report, ["error": "\(failure)"]))
      } else {
        logger.notice("cleaned up", metadata: metadata(report))
      }
    }
    if hasFailed { throw ExitCode.failure }
  }

  private func metadata(_ report: CleanupReport, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
    var metadata: Logger.Metadata = [
      "backend": "\(report.backend.rawValue)", "family": "\(report.family.rawValue)",
      "chainsRemoved": "\(report.chainsRemoved)", "jumpsRemoved": "\(report.jumpsRemoved)",
    ]
    if !report.chainsKept.isEmpty {
      metadata["keptForForeignRules"] = "\(report.chainsKept.map { "\($0.table.rawValue) \($0.name)" })"
    }
    return metadata.merging(more) { $1 }
  }
}
