import ServiceModel
import Synchronization
import Time

/// What the status page shows of the comparisons of one family.
package struct ShadowStatus: Sendable, Equatable {
  package let family: IPFamily
  /// When the last successful comparison began; nil before the first one.
  package var compared: Moment?
  package var took = Duration.zero
  /// Whether that comparison read all rules.
  package var isWhole = true
  /// What differs.
  package var groups: [ShadowMemory.Group] = []
  package var omitted = 0
  /// Why the last comparison had no result; nil if it had one.
  package var failure: String?

  package var differences: Int { groups.filter(\.kind.isDifference).reduce(0) { $0 + $1.findings.count } }
}

/// What the status page shows of all comparisons. The shadow writes it.
package final class ShadowBoard: Sendable {
  private let families: Mutex<[IPFamily: ShadowStatus]>

  package init(families: [IPFamily]) {
    self.families = Mutex(Dictionary(uniqueKeysWithValues: families.map { ($0, ShadowStatus(family: $0)) }))
  }

  package func change(_ family: IPFamily, _ body: (inout ShadowStatus) -> Void) {
    families.withLock { body(&$0[family, default: ShadowStatus(family: family)]) }
  }

  /// Ordered by family.
  package var all: [ShadowStatus] { families.withLock { $0.values.sorted { $0.family < $1.family } } }
}
