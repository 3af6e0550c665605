import Applier
import IPTables
import Logging
import Planner
import Synchronization
import System

/// Reads the kernel's packet counters (nfacct) when a client requests the metrics.
final class PacketCounters: Sendable {
  private let accounting: any Accounting
  private let logger: Logger
  /// The error that was logged last. A scrape comes every few seconds, so the same error is logged only once.
  private let told = Mutex<String?>(nil)

  init(_ accounting: any Accounting, logger: Logger) {
    self.accounting = accounting
    self.logger = logger
  }

  /// Copies the kernel's counters into `metrics`. Uses a thread of its own, because the kernel may block the call.
  func read(into metrics: ProxyMetrics) async {
    let names = PlannerOptions.accountingNames
    let accounting = accounting
    let result = await OwnThread.runAnyway("counters") {
      Result { () throws(SystemError) in
        let (invalid, localhost) = (try accounting.read(names[0]), try accounting.read(names[1]))
        return (invalid?.packets, localhost?.packets)
      }
    }
    switch result {
    case .success((let invalid, let localhost)):
      told.withLock { $0 = nil }
      metrics.packets(invalidDropped: invalid, localhostNodePortsAccepted: localhost)
    case .failure(let error): tell(error)
    }
  }

  private func tell(_ error: SystemError) {
    let isNew = told.withLock { told in
      defer { told = error.description }
      return told != error.description
    }
    guard isNew else { return }
    logger.warning("the kernel's packet counters cannot be read", metadata: ["error": "\(error)"])
  }
}
