import FoundationEssentials
public import Logging
import Synchronization

/// Posts Events to the API server, one after the other and as well as it can: nobody waits for it, and an Event that
/// finds no room or no server is dropped and counted.
public final class EventPoster: Sendable {
  private struct State {
    var queue: [APIEvent] = []
    var waiter: CheckedContinuation<APIEvent?, Never>?
    var isFinished = false
    var counts = Counts()
  }

  /// What became of the Events so far.
  public struct Counts: Sendable, Hashable {
    public var posted = 0
    /// Refused for good, given up after some tries, or not taken because too many were waiting.
    public var dropped = 0
  }

  /// Events that may wait; a proxy has few things to say.
  static let room = 32
  /// Tries for one Event, and the pause before the second; it doubles.
  static let tries = 4
  static let firstPause = Duration.seconds(2)
  /// Between two Events, so that a burst does not become one of the API server's.
  static let pace = Duration.milliseconds(200)

  private let transport: any HTTPTransport
  private let controller: String
  private let instance: String
  private let logger: Logger
  private let clock: any Clock<Duration>
  private let wallTime: @Sendable () -> Double
  private let state = Mutex(State())

  /// - Parameters:
  ///   - controller: who reports, `kube-proxy` for those who look for its Events.
  ///   - instance: which of them, such as `kube-proxy-NODE`.
  ///   - wallTime: seconds since 1970.
  public init(
    transport: any HTTPTransport, controller: String = "kube-proxy", instance: String, logger: Logger,
    clock: any Clock<Duration> = ContinuousClock(),
    wallTime: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) {
    self.transport = transport
    self.controller = controller
    self.instance = instance
    self.logger = logger
    self.clock = clock
    self.wallTime = wallTime
  }

  public var counts: Counts { state.withLock { $0.counts } }

  /// Takes an Event for posting. Returns at once; whether there was room for it.
  @discardableResult
  public func post(_ event: APIEvent) -> Bool {
    state.withLock { state in
      if let waiter = state.waiter {
        state.waiter = nil
        waiter.resume(returning: event)
        return true
      }
      guard state.queue.count < EventPoster.room, !state.isFinished else {
        state.counts.dropped += 1
        return false
      }
      state.queue.append(event)
      return true
    }
  }

  /// Posts what is taken until the task is cancelled.
  public func run() async {
    while !Task.isCancelled, let event = await next() {
      await send(event)
      // Only cancellation ends it early, which the loop sees.
      try? await clock.sleep(for: EventPoster.pace)
    }
  }

  private func next() async -> APIEvent? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: CheckedContinuation<APIEvent?, Never>) in
        state.withLock { state in
          if state.isFinished { return waiter.resume(returning: nil) }
          if !state.queue.isEmpty { return waiter.resume(returning: state.queue.removeFirst()) }
          state.waiter = waiter
        }
      }
    } onCancel: {
      state.withLock { state in
        state.isFinished = true
        state.waiter?.resume(returning: nil)
        state.waiter = nil
      }
    }
  }

  private func send(_ event: APIEvent) async {
    let request = HTTPRequest(
      method: .post, target: "/apis/events.k8s.io/v1/namespaces/\(event.namespace)/events",
      headers: ["Content-Type": "application/json"],
      body: event.json(time: wallTime(), controller: controller, instance: instance))
    var pause = EventPoster.firstPause
    for attempt in 1...EventPoster.tries {
      let outcome = await attemptPost(request)
      if outcome.isFinal || attempt == EventPoster.tries || Task.isCancelled {
        state.withLock { state in
          if outcome.isPosted { state.counts.posted += 1 } else { state.counts.dropped += 1 }
        }
        if !outcome.isPosted {
          logger.info(
            "event not posted",
            metadata: ["reason": "\(event.reason)", "regarding": "\(event.regarding.name)", "error": "\(outcome.text)"])
        }
        return
      }
      try? await clock.sleep(for: max(pause, outcome.retryAfter))
      pause = pause * 2
    }
  }

  private struct Outcome {
    var isPosted: Bool
    /// Another try would not change it.
    var isFinal: Bool
    /// What the server asks for; nobody waits for more than ten minutes.
    var retryAfter = Duration.zero
    var text: String
  }

  private func attemptPost(_ request: HTTPRequest) async -> Outcome {
    do throws(HTTPError) {
      let response = try await transport.send(request)
      defer { response.body.cancel() }
      let text = String(decoding: try await response.body.collect(limit: 1000), as: UTF8.self)
      // 409: a try before, whose answer was lost, has arrived after all.
      let isPosted = (200..<300).contains(response.status) || response.status == 409
      let mayPass = response.status == 429 || response.status >= 500 || response.status == 401
      if response.status == 401 { await transport.refreshCredentials() }
      let seconds = response.headers["retry-after"].flatMap { Int($0) } ?? 0
      return Outcome(
        isPosted: isPosted, isFinal: isPosted || !mayPass, retryAfter: .seconds(min(seconds, 600)),
        text: "\(response.status) \(text)")
    } catch {
      return Outcome(isPosted: false, isFinal: false, text: error.description)
    }
  }
}
