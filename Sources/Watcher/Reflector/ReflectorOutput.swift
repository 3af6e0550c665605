import KubernetesAPI
import Logging
import Time

/// Sends a reflector's results to the rest of the program: events in batches, the status, and log lines.
struct ReflectorOutput {
  private let resource: ResourceKind
  private let environment: WatchEnvironment
  private let mapper: ClusterEventMapper
  private var batch: [ClusterEvent] = []
  /// The warnings that were last logged for each object that is used although parts of it are ignored.
  private var told: [ObjectReference: [String]] = [:]
  /// If an object is deleted while no watch is open, no event removes its entry. Above this limit all entries are
  /// removed.
  private static let toldLimit = 10_000
  /// ServiceCIDRs are always sent as a complete set, because there are few.
  private var cidrs: [ObjectKey: WatchedObject] = [:]

  init(_ resource: ResourceKind, environment: WatchEnvironment) {
    self.resource = resource
    self.environment = environment
    mapper = ClusterEventMapper(resource)
  }

  mutating func replace(_ objects: [WatchedObject]) {
    if resource == .serviceCIDR { cidrs = Dictionary(objects.map { ($0.key, $0) }) { $1 } }
    batch.append(mapper.replace(objects))
    environment.board.update(resource) { $0.lists += 1 }
  }

  mutating func set(_ object: WatchedObject) {
    if resource == .serviceCIDR {
      cidrs[object.key] = object
      replaceCIDRs()
    } else if let event = mapper.set(object) {
      batch.append(event)
    }
  }

  mutating func remove(_ key: ObjectKey) {
    if resource == .serviceCIDR {
      cidrs[key] = nil
      replaceCIDRs()
    } else if let event = mapper.remove(key) {
      batch.append(event)
    }
  }

  private mutating func replaceCIDRs() {
    batch.append(mapper.replace(cidrs.sorted { $0.key < $1.key }.map(\.value)))
  }

  /// Sends the batch and updates the status. It waits while the reader has too many unread events.
  mutating func flush(_ machine: ReflectorStateMachine<WatchedObject>) async {
    let state = machine.phase.state
    environment.board.update(resource) { status in
      if machine.resourceVersion != status.lastResourceVersion || !batch.isEmpty {
        status.lastEventTime = environment.clock.now().wall
      }
      status.state = state
      status.isSynced = machine.isSynced
      status.objects = machine.objectCount
      status.lastResourceVersion = machine.resourceVersion
    }
    let ready = batch
    batch = []
    await environment.output.send(ready)
  }

  func beganWatch() { environment.board.update(resource) { $0.watches += 1 } }

  func rejected(_ failure: ObjectFailure) {
    environment.board.update(resource) { $0.rejectedObjects += 1 }
    log(.warning, "object is not valid and is ignored", ["error": "\(failure)"])
  }

  /// Logs the warnings of an object once, and again when they change.
  mutating func warn(_ object: DecodedObject) {
    let texts = object.warnings.map { "\($0.field): \($0.message)" }
    guard told[object.reference] ?? [] != texts else { return }
    if told.count >= ReflectorOutput.toldLimit { told.removeAll() }
    told[object.reference] = texts.isEmpty ? nil : texts
    for warning in object.warnings {
      log(.warning, "object has a problem; the rest of it is used", ["warning": "\(warning)"])
    }
  }

  /// If a deleted object is created again, it counts as a new object.
  mutating func forget(_ object: ObjectReference) { told[object] = nil }

  func report(_ report: ReflectorReport) {
    switch report {
    case .failure(let failure, let retryAfter):
      fail(failure.description)
      let retry = retryAfter.map { "\(($0.inSeconds * 10).rounded() / 10) s" } ?? "at once"
      log(.warning, "reading from the API server failed", ["error": "\(failure.description)", "retry": "\(retry)"])
    case .fallsBackToList(let failure):
      log(.info, "the API server does not stream lists, listing instead", ["reason": "\(failure.description)"])
    case .relists(let reason): log(.info, "reading all objects again", ["reason": "\(reason)"])
    case .absent(let status):
      fail("\(status)")
      log(.info, "the API server does not offer this resource, continuing without it", ["answer": "\(status)"])
    }
  }

  private func fail(_ text: String) {
    environment.board.update(resource) { status in
      status.errors += 1
      status.lastError = text
    }
  }

  private func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) {
    environment.logger.log(
      level: level, message, metadata: metadata.merging(["resource": "\(resource.plural)"]) { given, _ in given })
  }
}

extension ReflectorStateMachine.Phase {
  var state: WatchStatus.State {
    switch self {
    case .idle: .idle
    case .streaming, .listing: .listing
    case .watching: .watching
    case .waitingToSync, .waitingToWatch: .backingOff
    case .absent: .absent
    }
  }
}
