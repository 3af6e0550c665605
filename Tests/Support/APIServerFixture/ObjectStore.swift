import Foundation

/// The objects of a cluster in memory, with the API server's semantics of resource versions: one counter for all
/// kinds, a history that watches read from, and compaction that makes old versions too old. Safe for any thread.
package final class ObjectStore: @unchecked Sendable {
  // @unchecked: everything below is guarded by `condition`.
  struct Change: Sendable {
    let resourceVersion: Int
    /// nil when the object was deleted.
    let object: StoredObject?
    let previous: StoredObject?
  }

  private let condition = NSCondition()
  private var objects: [StoredObject.Key: StoredObject] = [:]
  private var history: [Change] = []
  private var version: Int
  private var compacted: Int
  /// A watch can start at least this many changes ago. Older changes are compacted.
  private let historyLimit = 5000

  /// - Parameter startingVersion: versions up to this one are compacted.
  package init(startingVersion: Int = 100) {
    version = startingVersion
    compacted = startingVersion
  }

  /// The version of the last change.
  package var resourceVersion: Int { condition.withLock { version } }

  /// Creates or replaces an object given as JSON, or each item of a `List`. Returns the version after it.
  @discardableResult
  package func apply(json: Data) throws -> Int {
    guard let object = try JSONSerialization.jsonObject(with: json) as? [String: Any] else {
      throw ObjectError(description: "not a JSON object")
    }
    return try apply(object)
  }

  @discardableResult
  package func apply(json: String) throws -> Int { try apply(json: Data(json.utf8)) }

  /// Creates or replaces an object, or each item of a `List`.
  @discardableResult
  package func apply(_ object: [String: Any]) throws -> Int {
    if let items = object["items"] as? [[String: Any]] {
      for item in items { try apply(item) }
      return resourceVersion
    }
    return try condition.withLock {
      let stored = try StoredObject(object, resourceVersion: version + 1)
      record(object: stored, previous: objects.updateValue(stored, forKey: stored.key))
      return version
    }
  }

  /// Removes an object. Returns whether there was one.
  @discardableResult
  package func delete(_ key: StoredObject.Key) -> Bool {
    condition.withLock {
      guard let previous = objects.removeValue(forKey: key) else { return false }
      record(object: nil, previous: previous)
      return true
    }
  }

  package func object(_ key: StoredObject.Key) -> StoredObject? { condition.withLock { objects[key] } }

  /// The keys of all objects of a resource, sorted.
  package func keys(of resource: Resource) -> [StoredObject.Key] {
    condition.withLock { objects.keys.filter { $0.resource == resource }.sorted() }
  }

  /// Forgets the history: watches from older versions and continue tokens of older lists get 410 (Expired).
  package func compact() {
    condition.withLock {
      history.removeAll()
      compacted = version
    }
  }

  /// Moves the version on without a change of any object, as writes of other kinds do.
  package func advance(by count: Int = 1) {
    condition.withLock {
      version += count
      condition.broadcast()
    }
  }

  private func record(object: StoredObject?, previous: StoredObject?) {
    version += 1
    history.append(Change(resourceVersion: version, object: object, previous: previous))
    if history.count > 2 * historyLimit {
      compacted = history[historyLimit - 1].resourceVersion
      history.removeFirst(historyLimit)
    }
    condition.broadcast()
  }

  // MARK: What requests read

  struct Snapshot: Sendable {
    let resourceVersion: Int
    let objects: [StoredObject]
  }

  func snapshot(_ filter: ObjectFilter) -> Snapshot {
    condition.withLock {
      let found = objects.values.filter(filter.matches).sorted { $0.key < $1.key }
      return Snapshot(resourceVersion: version, objects: found)
    }
  }

  func isCompacted(_ resourceVersion: Int) -> Bool { condition.withLock { resourceVersion < compacted } }

  struct News: Sendable {
    let changes: [Change]
    let resourceVersion: Int
    let isTooOld: Bool
  }

  /// Waits until `deadline` for changes after a version.
  func news(after resourceVersion: Int, until deadline: Date) -> News {
    condition.withLock {
      while version <= resourceVersion && condition.wait(until: deadline) {}
      let start = history.lastIndex { $0.resourceVersion <= resourceVersion }.map { $0 + 1 } ?? 0
      return News(
        changes: Array(history[start...]), resourceVersion: max(version, resourceVersion),
        isTooOld: resourceVersion < compacted)
    }
  }
}
