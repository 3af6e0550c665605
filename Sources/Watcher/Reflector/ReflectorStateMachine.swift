/// Keeps one resource up to date: it lists the resource, then watches it, and handles every answer of the API server.
/// It does no I/O and has no clock. It returns `ReflectorAction`s, which the caller executes.
///
/// It sends no objects before the first complete list. After that, the objects it has sent are always a state that the
/// API server has had: a list that is interrupted changes nothing.
struct ReflectorStateMachine<Object: Sendable & Equatable>: Sendable {
  typealias Action = ReflectorAction<Object>

  enum Phase: Equatable, Sendable {
    case idle
    /// A streaming list: objects are collected until the bookmark.
    case streaming
    /// A paged list: objects are collected until the last page.
    case listing(ReflectorRequest)
    case watching
    /// Waits, then reads all objects (again).
    case waitingToSync
    /// Waits, then continues the watch at the last resource version.
    case waitingToWatch
    case absent
  }

  struct Staged: Sendable {
    var version: UInt64?
    var object: Object?
  }

  var phase = Phase.idle
  /// Objects of a list that is not yet complete.
  var staged: [ObjectKey: Staged] = [:]
  /// The objects that were sent on, with their versions.
  var known: [ObjectKey: UInt64?] = [:]
  /// The versions at which objects were recently deleted. They distinguish late events from new objects with the same
  /// name.
  var deleted: [ObjectKey: UInt64] = [:]
  var isSynced = false
  /// The version from which a watch continues.
  var resourceVersion = ""
  /// The server does not have that version, so a list must not require it.
  var isVersionUnavailable = false
  var backoff = Backoff()
  var failures = FailureCounts()
  let isOptional: Bool
  let random: @Sendable () -> Double

  struct FailureCounts: Equatable, Sendable {
    /// Streaming lists in a row that ended before their bookmark.
    var incompleteStreams = 0
    /// How many times in a row all objects were read again without progress in the watch that followed.
    var fruitlessSyncs = 0
    /// Watches in a row that broke because of data from the server.
    var brokenWatches = 0
    /// Watches in a row with neither a change nor a bookmark, although this server sends bookmarks.
    var silentWatches = 0
    var unauthorized = 0
  }

  /// Whether the current stream has delivered an event or a bookmark.
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
      // In a quiet cluster, a middlebox may close silent connections. That is no reason for longer and longer pauses.
      if phase == .watching { backoff.reset() }
      return []
    case .ended: return ended()
    case .failed(let failure): return handle(failure)
    }
  }
}
