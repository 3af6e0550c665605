import KubernetesAPI

extension ReflectorStateMachine {
  /// Decides what to do after a failure, depending on the phase.
  mutating func handle(_ failure: ReflectorFailure) -> [Action] {
    staged = [:]
    if let status = failure.status {
      if status.code == 401 { return unauthorized(failure) }
      if isOptional, status.code == 403 || status.code == 404 { return absent(status) }
    }
    switch phase {
    case .streaming: return streamFailed(failure)
    case .listing(let request): return listFailed(failure, request)
    case .watching: return watchFailed(failure)
    case .idle, .waitingToSync, .waitingToWatch, .absent: return []
    }
  }

  private mutating func streamFailed(_ failure: ReflectorFailure) -> [Action] {
    switch failure {
    case .refused(let status), .errorEvent(let status):
      if status.isExpired || status.isVersionTooLarge { return versionUnavailable(failure) }
      if Self.isRefusalOfStreaming(failure) { return [.report(.fallsBackToList(failure))] + sync(byList: true) }
    case .incomplete, .transport, .decoding, .truncated:
      // The stream itself may be the problem, for example because a proxy buffers it. After two such failures, lists
      // are used.
      if Self.mayBeTheStream(failure) { failures.incompleteStreams += 1 }
    }
    return retrySync(failure)
  }

  /// 400, 405, 406, 415, 422: an older API server. An ERROR event with 500: its etcd does not support streaming lists.
  private static func isRefusalOfStreaming(_ failure: ReflectorFailure) -> Bool {
    switch failure {
    case .refused(let status): [400, 405, 406, 415, 422].contains(status.code)
    case .errorEvent(let status): status.code != 429 && status.code != 503 && status.code != 504
    default: false
    }
  }

  /// Whether a list might succeed where the stream failed.
  private static func mayBeTheStream(_ failure: ReflectorFailure) -> Bool {
    switch failure {
    case .transport(.noAnswer), .transport(.idle), .transport(.cut), .transport(.protocolViolation): true
    case .transport: false
    default: true
    }
  }

  private mutating func listFailed(_ failure: ReflectorFailure, _ request: ReflectorRequest) -> [Action] {
    guard let status = failure.status, status.isExpired || status.isVersionTooLarge,
      case .list(let version, let continuing, _) = request
    else { return retrySync(failure) }
    guard continuing != nil else { return versionUnavailable(failure) }
    // Reading the pages took longer than etcd keeps the version. The whole list is therefore requested in one piece, as
    // in client-go's pager. The answer also contains a new continue token, but with that token the pages would come
    // from two different versions.
    return [.report(.failure(failure, retryAfter: nil))] + list(resourceVersion: version, limit: nil)
  }

  private mutating func watchFailed(_ failure: ReflectorFailure) -> [Action] {
    if let status = failure.status, status.isExpired { return versionUnavailable(failure) }
    switch failure {
    case .errorEvent, .decoding, .truncated: failures.brokenWatches += 1
    case .transport(.idle):
      // A silent watch is handled like a watch that ended without any event.
      let actions = ended()
      return [.report(.failure(failure, retryAfter: nil))] + actions
    default: break
    }
    if failures.brokenWatches >= 3 {
      // An event that the client cannot read may break the watch each time. A new list skips that event.
      failures.brokenWatches = 0
      let actions: [Action] = [.report(.relists(reason: failure.description))]
      return actions + retrySync(failure)
    }
    let pause = pause(then: .waitingToWatch, atLeast: failure.status?.retryAfterSeconds)
    return [.report(.failure(failure, retryAfter: pause)), .wait(pause)]
  }

  /// All objects have to be read again, at any version that the server has. A pause comes first: when an API server
  /// compacts or restarts, it answers 410 to every node of the cluster at the same moment.
  private mutating func versionUnavailable(_ failure: ReflectorFailure) -> [Action] {
    isVersionUnavailable = true
    failures.fruitlessSyncs += 1
    let report = Action.report(.relists(reason: failure.description))
    if failures.fruitlessSyncs == 1 { return [report, .wait(pause(then: .waitingToSync))] }
    return [report] + retrySync(failure)
  }

  private mutating func retrySync(_ failure: ReflectorFailure) -> [Action] {
    let pause = pause(then: .waitingToSync, atLeast: failure.status?.retryAfterSeconds)
    return [.report(.failure(failure, retryAfter: pause)), .wait(pause)]
  }

  /// The credentials may have been rotated. The first retry uses fresh credentials immediately; later retries wait.
  private mutating func unauthorized(_ failure: ReflectorFailure) -> [Action] {
    failures.unauthorized += 1
    let wasWatching = phase == .watching
    let pause =
      failures.unauthorized == 1
      ? Duration.zero : pause(then: .waitingToSync, atLeast: failure.status?.retryAfterSeconds)
    phase = wasWatching ? .waitingToWatch : .waitingToSync
    return [.refreshCredentials, .report(.failure(failure, retryAfter: pause)), .wait(pause)]
  }

  private mutating func absent(_ status: APIStatus) -> [Action] {
    phase = .absent
    // If the resource does not exist (404), it has no objects. If access is refused (403), the last objects stay.
    let hasNone = status.code == 404 || !isSynced
    if hasNone { known = [:] }
    isSynced = true
    return (hasNone ? [.replace([])] : []) + [.report(.absent(status)), .wait(absencePause())]
  }
}
