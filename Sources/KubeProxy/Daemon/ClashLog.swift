import Logging
import Planner
import ServiceModel

/// Warns of addresses that several Services claim.
package struct ClashLog: Sendable {
  private let logger: Logger

  /// Without this limit, a user who may create Services could fill the log.
  static let mostLines = 100

  package init(_ logger: Logger) { self.logger = logger }

  /// One line for each clash.
  package func warn(of clashes: [AddressClash], _ family: IPFamily) {
    for clash in clashes.prefix(ClashLog.mostLines) {
      logger.warning(
        "several Services claim the same address and port",
        metadata: [
          "family": "\(family.rawValue)", "address": "\(clash.address)", "wins": "\(clash.winner)",
          "loses": "\(clash.losers)", "reason": "\(clash.reason)",
        ])
    }
    let rest = clashes.count - ClashLog.mostLines
    if rest > 0 {
      logger.warning(
        "more Services claim the same addresses and ports",
        metadata: ["family": "\(family.rawValue)", "addresses": "\(rest)"])
    }
  }

  func report(_ news: ClashNews, _ family: IPFamily) {
    for clash in news.resolved.prefix(ClashLog.mostLines) {
      logger.notice(
        "Services no longer claim the same address and port",
        metadata: ["family": "\(family.rawValue)", "address": "\(clash.address)"])
    }
    warn(of: news.appeared, family)
  }
}
