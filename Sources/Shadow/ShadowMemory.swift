import ServiceModel
import Time

/// Remembers since when the kernel differs from the plan, and decides what is reported. It is a pure value: the caller
/// passes the time.
///
/// A finding is reported when two comparisons that are at least `delay` apart, and all comparisons between them, had
/// it. So a change that the other proxy has not written yet is never reported.
package struct ShadowMemory: Sendable, Equatable {
  /// Findings of one kind of one Service that are reported together.
  package struct Group: Sendable, Hashable {
    package let service: NamespacedName?
    package let kind: ShadowKind
    package let findings: [ShadowFinding]
  }

  /// What is new after a comparison.
  package struct News: Sendable, Equatable {
    package var appeared: [Group] = []
    /// Services whose rules equal the plan again; nil stands for the rules of no single Service.
    package var resolved: [NamespacedName?] = []
  }

  private struct Record: Sendable, Equatable {
    let since: Moment
    var isReported = false
  }

  package let delay: Duration
  private var records: [ShadowFinding: Record] = [:]

  package init(delay: Duration) { self.delay = delay }

  /// - Parameters:
  ///   - findings: of a comparison with the plan as it was at `now`.
  ///   - unsettled: whether the other proxy may still be busy with a change of this Service. If so, this comparison
  ///     neither adds nor removes findings of the Service.
  package mutating func compared(
    _ findings: [ShadowFinding], _ scope: ShadowComparison.Scope, at now: Moment,
    unsettled: (NamespacedName?) -> Bool = { _ in false }
  ) -> News {
    var appeared: [ShadowFinding] = []
    for finding in findings where !unsettled(finding.service) {
      var record = records[finding] ?? Record(since: now)
      if !record.isReported, record.since.duration(to: now) >= delay {
        record.isReported = true
        appeared.append(finding)
      }
      records[finding] = record
    }
    let present = Set(findings)
    let gone = records.filter { finding, _ in
      !present.contains(finding) && scope.covers(finding) && !unsettled(finding.service)
    }
    for finding in gone.keys { records[finding] = nil }
    let left = Set(records.lazy.filter(\.value.isReported).map(\.key.service))
    let resolved = Set(gone.lazy.filter(\.value.isReported).map(\.key.service)).subtracting(left)
    return News(appeared: ShadowMemory.groups(appeared), resolved: resolved.sorted { ShadowMemory.precedes($0, $1) })
  }

  /// When the next finding can be reported, if a comparison has it again; nil if there is no such time after `look`.
  ///
  /// A finding that is due by then was not reported, because the comparison left its chain out, failed, or met a
  /// Service that is still changing. Another comparison soon afterwards would not help. Such a finding waits for the
  /// comparison after the change, or for a periodic one.
  package func nextReport(after look: Moment) -> Moment? {
    records.values.filter { !$0.isReported }.map { $0.since.advanced(by: delay) }.filter { $0 > look }.min()
  }

  /// The Services with findings, reported or not.
  package var services: Set<NamespacedName> { Set(records.keys.compactMap(\.service)) }

  /// What is reported and still there.
  package var reported: [Group] { ShadowMemory.groups(records.filter(\.value.isReported).map(\.key)) }

  private static func groups(_ findings: [ShadowFinding]) -> [Group] {
    struct Key: Hashable {
      let service: NamespacedName?
      let kind: ShadowKind
    }
    let groups = Dictionary(grouping: findings) { Key(service: $0.service, kind: $0.kind) }.map { key, findings in
      Group(service: key.service, kind: key.kind, findings: findings.sorted { $0.order < $1.order })
    }
    return groups.sorted { left, right in
      left.service == right.service
        ? left.kind.rawValue < right.kind.rawValue : precedes(left.service, right.service)
    }
  }

  private static func precedes(_ left: NamespacedName?, _ right: NamespacedName?) -> Bool {
    guard let left else { return right != nil }
    return right.map { left < $0 } ?? false
  }
}

extension ShadowFinding {
  fileprivate var order: (String, Int) { (place, occurrence) }
}
