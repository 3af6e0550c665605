import KubernetesAPI
import Time

/// The state of one resource's watch, for health, metrics and the status page.
package struct WatchStatus: Sendable, Hashable {
  package enum State: String, Sendable, Hashable {
    /// No request has been sent yet.
    case idle
    /// The existing objects are being read.
    case listing
    /// All objects are known, and the API server sends changes.
    case watching
    /// The watch waits before its next attempt.
    case backingOff
    /// The API server does not have the resource or refuses access. This state exists only for optional resources.
    case absent
  }

  package var resource: ResourceKind
  package var state: State
  /// Whether a complete list has been read once. From then on only another complete list replaces the objects.
  package var isSynced = false
  /// Objects known now.
  package var objects = 0
  /// Complete lists read so far, streamed or paged. Every list after the first is a relist.
  package var lists = 0
  /// Watches started so far.
  package var watches = 0
  /// Requests that failed or were interrupted since the start.
  package var errors = 0
  /// Objects that were left out since the start because they are not valid.
  package var rejectedObjects = 0
  /// The last failure, as text.
  package var lastError: String?
  /// The time of the last list, change or bookmark.
  package var lastEventTime: WallTime?
  /// The resource version from which a watch would continue. Empty before the first list.
  package var lastResourceVersion = ""

  package init(resource: ResourceKind, state: State = .idle) {
    self.resource = resource
    self.state = state
  }
}
