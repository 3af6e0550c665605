/// Lists, in pages or as the start of a stream. Their objects are not used before the list is complete.
extension ReflectorStateMachine {
  mutating func stage(_ metadata: ObjectMetadata, _ object: Object?) {
    if let had = staged[metadata.key]?.version, let version = metadata.version, version < had { return }
    staged[metadata.key] = Staged(version: metadata.version, object: object)
  }

  mutating func endPage(_ version: String, _ continuing: String?) -> [Action] {
    guard case .listing(.list(let asked, _, let limit)) = phase else { return [] }
    if let continuing, !continuing.isEmpty {
      return list(resourceVersion: asked, continuing: continuing, limit: limit)
    }
    return complete(version) + watch()
  }

  mutating func complete(_ version: String) -> [Action] {
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
}
