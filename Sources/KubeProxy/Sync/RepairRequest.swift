import Synchronization

/// That all rules are to be checked against the kernel's, and why: noted by whoever finds out, taken by the sync loop.
final class RepairRequest: Sendable {
  private let reason = Mutex<String?>(nil)

  /// Of several reasons the last is told.
  func note(_ reason: String) { self.reason.withLock { $0 = reason } }

  func take() -> String? {
    reason.withLock { reason in
      defer { reason = nil }
      return reason
    }
  }
}
