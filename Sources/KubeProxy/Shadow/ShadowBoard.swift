import ServiceModel
import Synchronization
import Time

/// What the status page shows of the comparisons of one family.
struct ShadowStatus: Sendable, Equatable {
  let family: IPFamily
  /// When the last successful comparison began; nil before the first one.
  var compared: Moment?
  var took = Duration.zero
  /// Whether that comparison read all rules.
  var isWhole = true
  /// What differs.
  var groups: [ShadowMemory.Group] = []
  var omitted = 0
  /// Why the last comparison had no result; nil if it had one.
  var failure: String?

  var differences: Int { groups.filter(\.kind.isDifference).reduce(0) { $0 + $1.findings.count } }
}

/// The shadow puts here what the status page shows.
final class ShadowBoard: Sendable {
  private let families: Mutex<[IPFamily: ShadowStatus]>

  init(families: [IPFamily]) {
    self.families = Mutex(Dictionary(uniqueKeysWithValues: families.map { ($0, ShadowStatus(family: $0)) }))
  }

  func change(_ family: IPFamily, _ body: (inout ShadowStatus) -> Void) {
    families.withLock { body(&$0[family, default: ShadowStatus(family: family)]) }
  }

  /// Ordered by family.
  var all: [ShadowStatus] { families.withLock { $0.values.sorted { $0.family < $1.family } } }
}
