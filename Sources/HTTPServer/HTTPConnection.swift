import HTTP
import Time

/// The state of one connection without its socket: received bytes, bytes to send, and the deadline.
///
/// The owner performs the actions. Requests are handled one after the other. Bytes that a client sends early wait.
package struct HTTPConnection: Sendable {
  package enum Action: Equatable {
    /// Do nothing until the next event.
    case wait
    /// Handle this request, then call `answer` with the result.
    case handle(HTTPRequest)
    case close
  }

  private enum Phase: Equatable {
    case reading
    case handling(HTTPRequest)
    case writing(thenCloses: Bool)
  }

  private let limits: HTTPLimits
  private var phase = Phase.reading
  private var input: [UInt8] = []
  private var search = HTTPHeadSearch()
  private var pending: ArraySlice<UInt8> = []
  private var isLast = false
  private var burst: RequestBurst
  /// When the connection times out. nil while a request is being handled, because that time is not the client's fault.
  private(set) var deadline: Moment?

  package init(limits: HTTPLimits, at now: Moment) {
    self.limits = limits
    burst = RequestBurst(at: now)
    deadline = now.advanced(by: limits.headTime)
  }

  var wantsInput: Bool { phase == .reading }
  /// Bytes that have to be sent.
  package var output: ArraySlice<UInt8> { pending }
  var isHandling: Bool {
    if case .handling = phase { return true }
    return false
  }
  func isOverdue(at now: Moment) -> Bool { deadline.map { $0 <= now } ?? false }
  /// When the client's last requests began, or its connection if there were none. nil while it waits for the answer to
  /// the first of these requests, because that time is not its fault.
  var busySince: Moment? { isHandling && burst.answers == 0 ? nil : burst.start }

  package mutating func received(_ bytes: some Collection<UInt8>, at now: Moment) -> Action {
    if input.isEmpty {
      deadline = now.advanced(by: limits.headTime)
      burst.requestBegan(at: now)
    }
    input += bytes
    return next(at: now)
  }

  /// The response to the request that was handled.
  package mutating func answer(_ response: HTTPResponse, at now: Moment) -> Action {
    guard case .handling(let request) = phase else { return .wait }
    let closes = isLast || !request.keepsAlive
    write(response.serialized(at: now.wall, isHead: request.method == "HEAD", closes: closes), closes, at: now)
    return .wait
  }

  /// The owner has sent `count` bytes of `output`.
  package mutating func sent(_ count: Int, at now: Moment) -> Action {
    // Dropping from the slice is cheap. Removing from an array would move all remaining bytes each time.
    pending = pending.dropFirst(count)
    guard pending.isEmpty, case .writing(let closes) = phase else { return .wait }
    if closes { return .close }
    burst.answered(at: now)
    phase = .reading
    deadline = now.advanced(by: input.isEmpty ? limits.idleTime : limits.headTime)
    return input.isEmpty ? .wait : next(at: now)
  }

  private mutating func next(at now: Moment) -> Action {
    do {
      guard let length = try search.length(of: input[...], limit: limits.headBytes) else { return .wait }
      search = HTTPHeadSearch()
      let head = try HTTPHeadParser.head(input.prefix(length))
      input.removeFirst(length)
      isLast = head.hasContent
      phase = .handling(head.request)
      deadline = nil
      return .handle(head.request)
    } catch {
      let reason = "\(error.rawValue) \(HTTPStatus.reason(error.rawValue))"
      let response = HTTPResponse.text(reason, status: error.rawValue, isSniffable: true)
      write(response.serialized(at: now.wall, closes: true), true, at: now)
      return .wait
    }
  }

  private mutating func write(_ bytes: [UInt8], _ closes: Bool, at now: Moment) {
    pending = bytes[...]
    phase = .writing(thenCloses: closes)
    deadline = burst.deadline(forAnswerAt: now, within: limits.writeTime)
  }
}
