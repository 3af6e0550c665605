/// Events and bookmarks of a watch.
extension ReflectorStateMachine {
  mutating func change(_ metadata: ObjectMetadata, _ object: Object?) -> [Action] {
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

  mutating func delete(_ metadata: ObjectMetadata) -> [Action] {
    if phase == .streaming {
      stage(metadata, nil)
      return []
    }
    guard phase == .watching, isNews(metadata) else { return [] }
    progress(metadata.resourceVersion)
    // Bookmarks clear this table. If the server sends none, the table must not grow without limit.
    if deleted.count >= 1000 { deleted = [:] }
    deleted[metadata.key] = metadata.version
    return known.removeValue(forKey: metadata.key) == nil ? [] : [.remove(metadata.key)]
  }

  /// Whether an event is newer than the known state of its object. A repeated or late event is not.
  private func isNews(_ metadata: ObjectMetadata) -> Bool {
    guard let version = metadata.version else { return true }
    if let had = known[metadata.key] ?? nil, version <= had { return false }
    if let had = deleted[metadata.key], version <= had { return false }
    return true
  }

  mutating func bookmark(_ version: String, _ endsInitialEvents: Bool) -> [Action] {
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
    // Events may arrive out of order. They must not move the watch back to an older version.
    if let new = UInt64(version), let old = UInt64(resourceVersion), new < old { return }
    if !version.isEmpty { resourceVersion = version }
  }

  mutating func ended() -> [Action] {
    switch phase {
    case .streaming: return handle(ReflectorFailure.incomplete)
    case .watching where hasProgress: return watch()
    case .watching:
      // The watch was quiet for at least 5 minutes although the server sends bookmarks. The server may have been reset
      // to an older state, so that it waits silently for the requested version. A list reveals this.
      if sendsBookmarks { failures.silentWatches += 1 }
      if failures.silentWatches >= 2 {
        failures.silentWatches = 0
        return [.report(.relists(reason: "watches return no events or bookmarks"))] + sync()
      }
      return [.wait(pause(then: .waitingToWatch))]
    default: return []
    }
  }
}
