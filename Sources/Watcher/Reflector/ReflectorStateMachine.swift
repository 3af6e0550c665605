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
  private let random: @Sendable () -> Double

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
  private var hasProgress = false
  private var sendsBookmarks = false

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
    case .ended: return ended()
    case .failed(let failure): return handle(failure)
    }
  }

  // MARK: Requests

  /// Reads all objects: as a stream, unless `byList`.
  mutating func sync(byList: Bool = false) -> [Action] {
    staged = [:]
    // Not older than what we have, so as not to go back in time, unless the server no longer has that.
    let version = isVersionUnavailable ? "" : resourceVersion
    guard byList || failures.incompleteStreams >= 2 else {
      phase = .streaming
      return [.request(.watchList(resourceVersion: version, timeoutSeconds: timeoutSeconds()))]
    }
    // Version 0 is served from the API server's cache, which spares etcd. So is any other, but only without pages.
    let first = version.isEmpty && !isVersionUnavailable ? "0" : version
    return list(resourceVersion: first, limit: first.isEmpty || first == "0" ? 500 : nil)
  }

  mutating func list(resourceVersion: String, continuing: String? = nil, limit: Int?) -> [Action] {
    let request = ReflectorRequest.list(resourceVersion: resourceVersion, continuing: continuing, limit: limit)
    phase = .listing(request)
    return [.request(request)]
  }

  private mutating func watch() -> [Action] {
    phase = .watching
    hasProgress = false
    return [.request(.watch(resourceVersion: resourceVersion, timeoutSeconds: timeoutSeconds()))]
  }

  /// 5 to 10 minutes, as client-go, so that watches spread over time and over API servers.
  private func timeoutSeconds() -> Int { 300 + Int(random() * 300) }

  mutating func pause(then phase: Phase, atLeast retryAfter: Int? = nil) -> Duration {
    self.phase = phase
    return max(backoff.next(random: random()), .seconds(min(retryAfter ?? 0, 600)))
  }

  /// 5 to 10 minutes.
  func absencePause() -> Duration { .seconds(300 + 300 * random()) }

  // MARK: Lists

  private mutating func stage(_ metadata: ObjectMetadata, _ object: Object?) {
    if let had = staged[metadata.key]?.version, let version = metadata.version, version < had { return }
    staged[metadata.key] = Staged(version: metadata.version, object: object)
  }

  private mutating func endPage(_ version: String, _ continuing: String?) -> [Action] {
    guard case .listing(.list(let asked, _, let limit)) = phase else { return [] }
    if let continuing, !continuing.isEmpty {
      return list(resourceVersion: asked, continuing: continuing, limit: limit)
    }
    return complete(version) + watch()
  }

  private mutating func complete(_ version: String) -> [Action] {
    let objects = staged.sorted { $0.key < $1.key }.compactMap(\.value.object)
    known = staged.filter { $0.value.object != nil }.mapValues(\.version)
    staged = [:]
    deleted = [:]
    isSynced = true
    isVersionUnavailable = false
    resourceVersion = version
    failures.incompleteStreams = 0
    failures.unauthorized = 0
    return [.replace(objects)]
  }

  // MARK: Streams

  private mutating func change(_ metadata: ObjectMetadata, _ object: Object?) -> [Action] {
    if phase == .streaming {
      stage(metadata, object)
      return []
    }
    guard phase == .watching, isNews(metadata) else { return [] }
    progress(metadata.resourceVersion)
    deleted[metadata.key] = nil
    guard let object else {
      return known.removeValue(forKey: metadata.key) == nil ? [] : [.remove(metadata.key)]
    }
    known[metadata.key] = .some(metadata.version)
    return [.set(object)]
  }

  private mutating func delete(_ metadata: ObjectMetadata) -> [Action] {
    if phase == .streaming {
      stage(metadata, nil)
      return []
    }
    guard phase == .watching, isNews(metadata) else { return [] }
    progress(metadata.resourceVersion)
    // Bookmarks clear it; without any it must not grow for ever.
    if deleted.count >= 1000 { deleted = [:] }
    deleted[metadata.key] = metadata.version
    return known.removeValue(forKey: metadata.key) == nil ? [] : [.remove(metadata.key)]
  }

  /// Whether an event tells more of its object than what was known: one that is repeated or late does not.
  private func isNews(_ metadata: ObjectMetadata) -> Bool {
    guard let version = metadata.version else { return true }
    if let had = known[metadata.key] ?? nil, version <= had { return false }
    if let had = deleted[metadata.key], version <= had { return false }
    return true
  }

  private mutating func bookmark(_ version: String, _ endsInitialEvents: Bool) -> [Action] {
    switch phase {
    case .streaming where endsInitialEvents:
      let actions = complete(version)
      phase = .watching
      hasProgress = false
      return actions
    case .watching:
      sendsBookmarks = true
      progress(version)
      deleted = [:]
      return []
    default: return []
    }
  }

  private mutating func progress(_ version: String) {
    hasProgress = true
    backoff.reset()
    failures = FailureCounts()
    // Events out of order must not make the watch go back.
    if let new = UInt64(version), let old = UInt64(resourceVersion), new < old { return }
    if !version.isEmpty { resourceVersion = version }
  }

  mutating func ended() -> [Action] {
    switch phase {
    case .streaming: return handle(ReflectorFailure.incomplete)
    case .watching where hasProgress: return watch()
    case .watching:
      // Quiet for 5 minutes although the server sends bookmarks: it may be one that was set back to an older state
      // and waits in silence for the version that we asked for. A list finds out.
      if sendsBookmarks { failures.silentWatches += 1 }
      if failures.silentWatches >= 2 {
        failures.silentWatches = 0
        return [.report(.relists(reason: "watches stay silent"))] + sync()
      }
      return [.wait(pause(then: .waitingToWatch))]
    default: return []
    }
  }
}
