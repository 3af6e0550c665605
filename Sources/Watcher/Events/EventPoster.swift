import HTTP
import Logging
import System
import Time

/// Posts Events to the API server one after the other, best effort. No caller waits for it. If the queue is full or the
/// API server cannot be reached, the Event is dropped and counted.
package final class EventPoster: Sendable {
  private struct State {
    var queue: [APIEvent] = []
    /// Whether the posting task has ended, so that no more Events are accepted.
    var isFinished = false
    var counts = Counts()
  }

  /// The results of all Events so far.
  package struct Counts: Sendable, Hashable {
    package var posted = 0
    /// Rejected by the API server, given up after several attempts, or not accepted because the queue was full.
    package var dropped = 0
  }

  /// The size of the queue. A proxy sends few Events.
  static let room = 32
  /// The number of attempts per Event, and the pause before the second attempt. The pause doubles each time.
  static let tries = 4
  static let firstPause = Duration.seconds(2)
  /// The pause between two Events, so that a burst of Events does not load the API server.
  static let pace = Duration.milliseconds(200)

  private let transport: any HTTPTransport
  private let controller: String
  private let instance: String
  private let logger: Logger
  private let clock: any MomentClock
  private let state = Watched(State())

  /// - Parameters:
  ///   - controller: the reporting controller. `kube-proxy` lets existing searches for its Events still work.
  ///   - instance: the reporting instance, such as `kube-proxy-NODE`.
  package init(
    transport: any HTTPTransport, controller: String = "kube-proxy", instance: String, logger: Logger,
    clock: any MomentClock = SystemClock()
  ) {
    self.transport = transport
    self.controller = controller
    self.instance = instance
    self.logger = logger
    self.clock = clock
  }

  package var counts: Counts { state.withLock { $0.counts } }

  /// Queues an Event for posting. Returns at once, and returns whether there was room in the queue.
  @discardableResult
  package func post(_ event: APIEvent) -> Bool {
    state.withLock { state in
      guard state.queue.count < EventPoster.room, !state.isFinished else {
        state.counts.dropped += 1
        return false
      }
      state.queue.append(event)
      return true
    }
  }

  /// Posts the queued Events until the task is cancelled.
  package func run() async {
    while !Task.isCancelled,
      let event = await state.wait(for: { $0.queue.isEmpty ? nil : $0.queue.removeFirst() })
    {
      await send(event)
      // The sleep ends early only if the task is cancelled. The loop checks for cancellation.
      await clock.sleep(for: EventPoster.pace)
    }
    state.withLock { $0.isFinished = true }
  }

  private func send(_ event: APIEvent) async {
    let request = APIRequest(
      method: .post, target: "/apis/events.k8s.io/v1/namespaces/\(event.namespace)/events",
      headers: [.contentType: "application/json"],
      body: event.json(time: clock.now().wall, controller: controller, instance: instance))
    var pause = EventPoster.firstPause
    for attempt in 1...EventPoster.tries {
      let outcome = await attemptPost(request)
      if outcome.isFinal || attempt == EventPoster.tries || Task.isCancelled {
        state.withLock { state in
          if outcome.isPosted { state.counts.posted += 1 } else { state.counts.dropped += 1 }
        }
        if !outcome.isPosted {
          logger.info(
            "the API server did not accept an Event",
            metadata: ["reason": "\(event.reason)", "regarding": "\(event.regarding.name)", "error": "\(outcome.text)"])
        }
        return
      }
      await clock.sleep(for: max(pause, outcome.retryAfter))
      pause = pause * 2
    }
  }

  private struct Outcome {
    var isPosted: Bool
    /// Whether another attempt cannot change the result.
    var isFinal: Bool
    /// The pause that the server requests, at most ten minutes.
    var retryAfter = Duration.zero
    var text: String
  }

  private func attemptPost(_ request: APIRequest) async -> Outcome {
    do throws(HTTPError) {
      let response = try await transport.send(request)
      defer { response.body.cancel() }
      let text = String(decoding: try await response.body.collect(limit: 1000), as: UTF8.self)
      // 409: an earlier attempt reached the server, but its answer was lost.
      let isPosted = (200..<300).contains(response.status) || response.status == 409
      let mayPass = response.status == 429 || response.status >= 500 || response.status == 401
      if response.status == 401 { await transport.refreshCredentials() }
      let seconds = response.headers[.retryAfter].flatMap { Int($0) } ?? 0
      return Outcome(
        isPosted: isPosted, isFinal: isPosted || !mayPass, retryAfter: .seconds(min(seconds, 600)),
        text: "\(response.status) \(text)")
    } catch {
      return Outcome(isPosted: false, isFinal: false, text: error.description)
    }
  }
}
