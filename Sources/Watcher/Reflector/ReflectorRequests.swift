/// What is asked of the API server, and when.
extension ReflectorStateMachine {
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

  mutating func watch() -> [Action] {
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
}
