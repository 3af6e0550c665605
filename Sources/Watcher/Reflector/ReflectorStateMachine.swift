/// Keeps up with one resource: lists it, then watches it, and knows what to do whatever the API server answers.
/// It does no I/O and has no clock; `ReflectorAction`s say what is to be done.
///
/// Nothing is said of the objects before the first complete list. Afterwards what was said is always a state that the
/// API server has had: a list that breaks off half-way changes nothing.
struct ReflectorStateMachine<Object: Sendable & Equatable>: Sendable {
  typealias Action = ReflectorAction<Object>

  enum Phase: Equatable, Sendable {
    case idle
    /// A streaming list: objects are collected until the bookmark.
    case streaming
    /// A paged list: objects are collected until the last page.
    case listing(ReflectorRequest)
    case watching
    /// Then all objects are read (again).
    case waitingToSync
    /// Then the watch goes on where it was.
    case waitingToWatch
    case absent
  }

  struct Staged: Sendable {
    var version: UInt64?
    var object: Object?
  }

  var phase = Phase.idle
  /// Objects of a list that is not complete yet.
  var staged: [ObjectKey: Staged] = [:]
  /// Objects that were handed on, and the version of each.
  var known: [ObjectKey: UInt64?] = [:]
  /// Versions at which objects were deleted lately, to tell late events from new objects of the same name.
  var deleted: [ObjectKey: UInt64] = [:]
  var isSynced = false
  /// Where a watch goes on.
  var resourceVersion = ""
  /// The server does not have that version (any more), so a list must not ask for one at least as new.
  var isVersionUnavailable = false
  var backoff = Backoff()
  var failures = FailureCounts()
  let isOptional: Bool
  let random: @Sendable () -> Double

  struct FailureCounts: Equatable, Sendable {
    /// Streaming lists in a row that did not reach their bookmark.
    var incompleteStreams = 0
    /// Times in a row that all was read again without the watch getting anywhere.
    var fruitlessSyncs = 0
    /// Watches in a row that broke on what the server sent.
    var brokenWatches = 0
    /// Watches in a row that brought neither a change nor a bookmark, though this server sends bookmarks.
    var silentWatches = 0
    var unauthorized = 0
  }

  /// The stream that is under way has brought something.
  var hasProgress = false
  var sendsBookmarks = false

  /// - Parameters:
  ///   - isOptional: whether the API server may lack the resource.
  ///   - random: numbers in 0..<1 for jitter and timeouts.
  init(isOptional: Bool = false, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }) {
    self.isOptional = isOptional
    self.random = random
  }

  var objectCount: Int { known.count }

  mutating func handle(_ input: ReflectorInput<Object>) -> [Action] {
    switch input {
    case .start: return sync()
    case .waited: return phase == .waitingToWatch ? watch() : sync()
    case .item(let metadata, let object):
      stage(metadata, object)
      return []
    case .endOfPage(let version, let continuing): return endPage(version, continuing)
    case .changed(let metadata, let object): return change(metadata, object)
    case .deleted(let metadata): return delete(metadata)
    case .bookmark(let version, let endsInitialEvents): return bookmark(version, endsInitialEvents)
    case .endured:
      // Quiet clusters behind something that closes silent connections: no reason for ever longer pauses.
      if phase == .watching { backoff.reset() }
      return []
    case .ended: return ended()
    case .failed(let failure): return handle(failure)
    }
  }
}
