import KubernetesAPI
import Synchronization

/// Holds the status of all watches. The watches write it, and any task can read it at any time.
package final class WatchStatusBoard: Sendable {
  private let statuses: Mutex<[ResourceKind: WatchStatus]>

  package init(_ resources: [ResourceKind] = ResourceKind.allCases) {
    let initial = resources.map { ($0, WatchStatus(resource: $0)) }
    statuses = Mutex(Dictionary(initial) { first, _ in first })
  }

  /// Sorted by the names of the resources.
  package var all: [WatchStatus] {
    statuses.withLock { $0.values.sorted { $0.resource.plural < $1.resource.plural } }
  }

  package subscript(resource: ResourceKind) -> WatchStatus {
    statuses.withLock { $0[resource] ?? WatchStatus(resource: resource) }
  }

  func update(_ resource: ResourceKind, _ change: (inout WatchStatus) -> Void) {
    statuses.withLock { change(&$0[resource, default: WatchStatus(resource: resource)]) }
  }
}
