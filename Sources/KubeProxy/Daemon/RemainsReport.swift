import Applier
import Logging
import ServiceModel
import System

/// At the start, looks for rules that an earlier service proxy left on the host.
///
/// Deletes the tables of nftables mode, as kube-proxy does when it starts in iptables mode. Only warns of chains in the
/// other backend and of ipvs mode, because they may belong to a proxy that still runs.
struct RemainsReport: Sendable {
  let logger: Logger
  var kernel: any NFTables = KernelNFTables()
  var legacyTables: any LegacyTables = KernelLegacyTables()

  func run(_ backend: Backend) async {
    let remains = await ProxyRemains.read(kernel: kernel, legacyTables: legacyTables)
    for failure in remains.failures {
      logger.warning("cannot look for rules of an earlier proxy", metadata: ["error": "\(failure)"])
    }
    await deleteNFTablesMode(remains.nftablesMode)
    for warning in remains.warnings(using: backend) {
      logger.warning("\(warning.text)", metadata: ["found": "\(warning.found)"])
    }
  }

  private func deleteNFTablesMode(_ families: [IPFamily]) async {
    for family in families {
      let metadata: Logger.Metadata = [
        "family": "\(family.rawValue)", "table": "\(ProxyRemains.nftablesTable)",
      ]
      do throws(SystemError) {
        try await kernel.deleteTable(family, ProxyRemains.nftablesTable)
        logger.notice("deleted the table of kube-proxy's nftables mode", metadata: metadata)
      } catch {
        logger.warning(
          "cannot delete the table of kube-proxy's nftables mode; its rules decide for new connections",
          metadata: metadata.merging(["error": "\(error)"]) { $1 })
      }
    }
  }
}
