/// How the watch of one resource is doing, for health, metrics and the status page.
public struct WatchStatus: Sendable, Hashable {
  public enum State: String, Sendable, Hashable {
    /// Nothing has been asked for yet.
    case idle
    /// The present objects are being read.
    case listing
    /// All objects are known and changes arrive.
    case watching
    /// Waiting before the next try.
    case backingOff
    /// The API server does not have the resource, or refuses it; only for resources that are optional.
    case absent
  }

  public var resource: WatchedResource
  public var state: State
  /// Whether a complete list has been read once; from then on it is only ever replaced by another complete one.
  public var isSynced = false
  /// Objects known now.
  public var objects = 0
  /// Complete lists read so far, streamed or paged; all after the first are relists.
  public var lists = 0
  /// Watches begun so far.
  public var watches = 0
  /// Requests that failed or were cut since the start.
  public var errors = 0
  /// Objects that were left out since the start because they could not be read.
  public var rejectedObjects = 0
  /// The last failure, as for a log line.
  public var lastError: String?
  /// Seconds since 1970.
  public var lastErrorTime: Double?
  /// When the last list, change or bookmark arrived; seconds since 1970.
  public var lastEventTime: Double?
  /// Where a watch would go on; empty before the first list.
  public var lastResourceVersion = ""

  public init(resource: WatchedResource, state: State = .idle) {
    self.resource = resource
    self.state = state
  }
}
