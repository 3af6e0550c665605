import Health
import Logging
import StateFile
import StatusPage
import Synchronization
import System
import Time
import Watcher

/// Keeps the known state of the cluster in a file. If the API server does not answer after a start, the rules are made
/// from this file.
final class LastKnownState: Sendable {
  private let settings: StateFileSettings
  private let nodeName: String
  private let cluster: ClusterState
  private let source: ClusterSource
  private let health: HealthMonitor
  private let metrics: StateMetrics
  private let clock: any MomentClock
  private let start: Moment
  private let logger: Logger

  private struct State: Sendable {
    var schedule = StateSchedule()
    /// The header of the state that was read from the file; nil again as soon as that state is in force.
    var read: StateHeader?
    /// The time of the state that was written last.
    var writtenTime: WallTime?
    /// Why the last write failed; each reason is logged once.
    var failure: String?
  }

  private let state = Mutex(State())
  private let wake = WakeSignal()

  /// - Parameter start: when the proxy began to ask the API server.
  init(
    _ settings: StateFileSettings, nodeName: String, cluster: ClusterState, source: ClusterSource,
    health: HealthMonitor, metrics: StateMetrics, clock: any MomentClock, start: Moment, logger: Logger
  ) {
    self.settings = settings
    self.nodeName = nodeName
    self.cluster = cluster
    self.source = source
    self.health = health
    self.metrics = metrics
    self.clock = clock
    self.start = start
    var logger = logger
    logger[metadataKey: "file"] = "\(settings.path)"
    self.logger = logger
  }

  /// Runs until the task is cancelled. Then it writes the changes that the file does not have yet.
  func run() async {
    let deadline = start.advanced(by: settings.after)
    while !Task.isCancelled, !isListed, clock.now() < deadline { await wake.wait(until: deadline, clock: clock) }
    if !Task.isCancelled, !isListed { await restore() }
    while !Task.isCancelled {
      let next = state.withLock { $0.schedule.next }
      if let next, next <= clock.now() {
        await write()
      } else {
        await wake.wait(until: next, clock: clock)
      }
    }
    if isListed { await write() }
  }

  private var isListed: Bool { state.withLock { $0.schedule.isListed } }

  // MARK: called by the intake of events

  /// The restored state is in force.
  func cameIntoForce() {
    guard let header = state.withLock({ $0.read.take() }) else { return }
    let time = header.asOf
    health.setStateTime(time)
    metrics.wasRestored()
    let versions = header.resourceVersions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    logger.warning(
      "the API server has not answered; the rules use the last known state",
      metadata: [
        "age": "\(Readable.age(time.age(at: clock.now().wall)))", "time": "\(time.readable)",
        "resourceVersions": "\(versions.joined(separator: " "))",
      ])
  }

  /// The API server has sent all objects once.
  func listed() {
    if health.report.stateTime != nil {
      health.setStateTime(nil)
      logger.notice("the API server has answered; the rules use its objects again")
    }
    state.withLock { $0.schedule.listed() }
    wake.signal()
  }

  /// The API server has sent a change.
  func changed() {
    state.withLock { $0.schedule.changed() }
    wake.signal()
  }

  /// Call this before the metrics are read.
  func collectMetrics() {
    let report = health.report
    metrics.set(age: report.stateTime?.age(at: report.currentTime) ?? .zero)
  }
}

/// Reading.
extension LastKnownState {
  private func restore() async {
    do {
      let cluster = try settings.identity()
      let (file, nodeName, maxAge) = (StateFile(path: settings.path), nodeName, settings.maxAge)
      let now = clock.now().wall
      let saved = try await OwnThread.run("state file") {
        Result { () throws(StateFileError) in
          try file.read { (header) throws(StateFileError) in
            guard header.cluster == cluster else { throw .otherCluster }
            guard header.nodeName == nodeName else { throw .otherNode(header.nodeName) }
            let age = header.asOf.age(at: now)
            guard age <= maxAge else { throw .tooOld(age: age) }
          }
        }
      }.get()
      state.withLock { $0.read = saved.header }
      // This changes nothing if the API server has sent all objects by now.
      await source.channel.send([.restore(saved.snapshot)])
    } catch StateFileError.missing {
      logger.info("the API server has not answered, and there is no state file yet")
    } catch {
      logger.warning(
        "the API server has not answered, and the state file is not used", metadata: ["error": "\(error)"])
    }
  }
}

/// Writing.
extension LastKnownState {
  private func write() async {
    let watches = source.watches()
    let now = clock.now()
    let time = WallTime.knownState(of: watches, at: now.wall)
    let isNews = state.withLock { state in
      defer { state.schedule.began(at: now) }
      return state.schedule.isChanged || state.writtenTime.map { $0 < time } ?? true
    }
    guard isNews else { return }
    do {
      let header = StateHeader(
        cluster: try settings.identity(), nodeName: nodeName, asOf: time,
        resourceVersions: Dictionary(
          watches.filter { !$0.lastResourceVersion.isEmpty }.map { ($0.resource.plural, $0.lastResourceVersion) }
        ) { $1 })
      let saved = SavedState(header: header, snapshot: await cluster.snapshot)
      let file = StateFile(path: settings.path)
      let size = try await OwnThread.run("state file") {
        Result { () throws(StateFileError) in try file.write(saved) }
      }.get()
      state.withLock {
        $0.writtenTime = time
        $0.failure = nil
      }
      logger.debug("state written to its file", metadata: ["bytes": "\(size)"])
    } catch {
      let isNew = state.withLock { state in
        state.schedule.failed()
        defer { state.failure = "\(error)" }
        return state.failure != "\(error)"
      }
      guard isNew else { return }
      logger.warning(
        "the state file cannot be written; retrying each minute", metadata: ["error": "\(error)"])
    }
  }
}
