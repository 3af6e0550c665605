import ServiceModel
import Time

/// Decides when the kernel is compared with the plan, and how much of it. It is a pure value: the caller passes what
/// happens, and the time.
package struct ShadowSchedule: Sendable, Equatable {
  /// One comparison that is due.
  package struct Look: Sendable, Equatable {
    /// Whether all rules are read. Otherwise only the rules that cost little to read.
    package let isWhole: Bool
    /// The Services whose changes the other proxy has had time to write since the last comparison.
    package let services: Set<NamespacedName>
  }

  /// Without a change the kernel is compared this often, unless that would cost too much.
  static let period = Duration.seconds(60)
  /// After a comparison, the next one of the same kind waits this many times the CPU time that the comparison took. So
  /// each kind takes at most one per cent of one core. The duration of the comparison is not used, because on a busy
  /// node work of the lowest priority takes long but needs little CPU time.
  static let rest = 99

  package let delay: Duration
  /// Whether a part of the rules can be read without the rest.
  package let readsParts: Bool
  /// Services by the time of their last change, as long as the other proxy may still be busy with it.
  private var changes: [NamespacedName: Moment] = [:]
  /// The time of the oldest of these changes. If that Service has changed again since then, this time is too early, and
  /// `takeLook` corrects it.
  private var oldestChange: Moment?
  /// The last change that may concern the rules of all Services.
  private var generalChange: Moment?
  /// Services whose changes wait for a comparison.
  private var settled: Set<NamespacedName> = []
  /// When a finding of the last comparison can be confirmed.
  private var recheck: Moment?
  private var lastLook: Moment?
  private var wholeAllowed = Moment.distantPast
  private var partAllowed = Moment.distantPast

  package init(delay: Duration, readsParts: Bool) {
    self.delay = delay
    self.readsParts = readsParts
  }

  /// These Services changed.
  package mutating func changed(_ services: Set<NamespacedName>, at now: Moment) {
    for service in services { changes[service] = now }
    if !services.isEmpty { oldestChange = oldestChange ?? now }
  }

  /// Something changed that all rules depend on, or everything became known.
  package mutating func changedGenerally(at now: Moment) { generalChange = now }

  /// When `takeLook` may return a comparison; nil as long as nothing is known.
  package var next: Moment? {
    let reasons = [oldestChange?.advanced(by: delay), generalDue, recheck, periodicDue]
    guard generalChange != nil, let first = reasons.compactMap({ $0 }).min() else { return nil }
    return max(first, readsParts ? min(wholeAllowed, partAllowed) : wholeAllowed)
  }

  /// When the other proxy has had time for the last change that concerns all Services; nil after a later comparison.
  private var generalDue: Moment? {
    guard let due = generalChange?.advanced(by: delay) else { return nil }
    return lastLook.map { $0 < due } ?? true ? due : nil
  }

  private var periodicDue: Moment? { lastLook?.advanced(by: ShadowSchedule.period) }

  /// The comparison that is due now; nil if none is due.
  package mutating func takeLook(at now: Moment) -> Look? {
    guard let next, next <= now else { return nil }
    let ready = changes.filter { $0.value.advanced(by: delay) <= now }.keys
    settled.formUnion(ready)
    for service in ready { changes[service] = nil }
    oldestChange = changes.values.min()
    let isDue = [generalDue, recheck, periodicDue].contains { $0.map { $0 <= now } ?? false }
    guard isDue || !ready.isEmpty else { return nil }
    lastLook = now
    recheck = nil
    defer { settled = [] }
    return Look(isWhole: wholeAllowed <= now, services: settled)
  }

  /// A comparison ended.
  /// - Parameter recheck: when the next of its findings can be confirmed; nil if there is none.
  package mutating func ended(_ look: Look, at end: Moment, cost: Duration, recheck: Moment?) {
    let allowed = end.advanced(by: cost * ShadowSchedule.rest)
    if look.isWhole { wholeAllowed = allowed } else { partAllowed = allowed }
    self.recheck = recheck
  }

  /// A comparison had no result. Its Services wait for the next one.
  package mutating func failed(_ look: Look) { settled.formUnion(look.services) }

  /// Whether the other proxy may be busy with a change of this Service, or of everything, at `now` or after it.
  package func isUnsettled(_ service: NamespacedName?, at now: Moment) -> Bool {
    if let generalChange, generalChange.advanced(by: delay) > now { return true }
    guard let service, let change = changes[service] else { return false }
    return change.advanced(by: delay) > now
  }
}
