import Synchronization

/// A request to check all rules against the kernel's, with the reason. Any thread makes it; the sync loop takes it.
final class RepairRequest: Sendable {
  private let reason = Mutex<String?>(nil)

  /// If there are several reasons, the last one is kept.
  func note(_ reason: String) { self.reason.withLock { $0 = reason } }

  func take() -> String? {
    reason.withLock { reason in
      defer { reason = nil }
      return reason
    }
  }
}
