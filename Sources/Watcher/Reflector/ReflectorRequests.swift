/// Which requests are sent to the API server, and when.
extension ReflectorStateMachine {
  /// Reads all objects, as a stream or, if `byList` is set, as a list.
  mutating func sync(byList: Bool = false) -> [Action] {
    staged = [:]
    // The list must not be older than the known state, unless the server no longer has that version.
    let version = isVersionUnavailable ? "" : resourceVersion
    guard byList || failures.incompleteStreams >= 2 else {
      phase = .streaming
      return [.request(.watchList(resourceVersion: version, timeoutSeconds: timeoutSeconds()))]
    }
    // The API server answers a list with version 0 from its cache, which saves load on etcd. For any other version it
    // uses the cache only if the list has no page limit.
    let first = version.isEmpty && !isVersionUnavailable ? "0" : version
    return list(resourceVersion: first, limit: first.isEmpty || first == "0" ? 500 : nil)
  }

  mutating func list(resourceVersion: String, continuing: String? = nil, limit: Int?) -> [Action] {
    let request = ReflectorRequest.list(resourceVersion: resourceVersion, continuing: continuing, limit: limit)
    phase = .listing(request)
    return [.request(request)]
  }

  mutating func watch() -> [Action] {
    phase = .watching
    hasProgress = false
    return [.request(.watch(resourceVersion: resourceVersion, timeoutSeconds: timeoutSeconds()))]
  }

  /// 5 to 10 minutes, as in client-go, so that watches are spread over time and over API servers.
  private func timeoutSeconds() -> Int { 300 + Int(random() * 300) }

  mutating func pause(then phase: Phase, atLeast retryAfter: Int? = nil) -> Duration {
    self.phase = phase
    return max(backoff.next(random: random()), .seconds(min(retryAfter ?? 0, 600)))
  }

  /// A random pause of 5 to 10 minutes.
  func absencePause() -> Duration { .seconds(300 + 300 * random()) }
}
