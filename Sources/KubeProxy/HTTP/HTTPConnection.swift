/// One connection to a server, without its socket: what comes in, what goes out, and by when.
///
/// Its owner performs the actions. One request is handled at a time; what a client sends ahead waits.
struct HTTPConnection: Sendable {
  enum Action: Equatable {
    /// Nothing to do until the next event.
    case wait
    /// To be handled; `answer` takes the result.
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
  /// When the connection is given up; nil while a request is handled, which is nobody's fault but ours.
  private(set) var deadline: Moment?

  init(limits: HTTPLimits, at now: Moment) {
    self.limits = limits
    deadline = now.advanced(by: limits.headTime)
  }

  var wantsInput: Bool { phase == .reading }
  /// Bytes that have to be sent.
  var output: ArraySlice<UInt8> { pending }
  var isHandling: Bool {
    if case .handling = phase { return true }
    return false
  }
  func isOverdue(at now: Moment) -> Bool { deadline.map { $0 <= now } ?? false }
  func isDue(before other: HTTPConnection) -> Bool {
    guard let deadline, let others = other.deadline else { return deadline != nil }
    return deadline < others
  }

  mutating func received(_ bytes: some Collection<UInt8>, at now: Moment) -> Action {
    if input.isEmpty { deadline = now.advanced(by: limits.headTime) }
    input += bytes
    return next(at: now)
  }

  /// The answer to the request that was to be handled.
  mutating func answer(_ response: HTTPResponse, at now: Moment) -> Action {
    guard case .handling(let request) = phase else { return .wait }
    let closes = isLast || !request.keepsAlive
    write(response.serialized(at: now.wall, isHead: request.method == "HEAD", closes: closes), closes, at: now)
    return .wait
  }

  /// `count` bytes of `output` were sent.
  mutating func sent(_ count: Int, at now: Moment) -> Action {
    // Not removed from the array, which would move all that is left each time.
    pending = pending.dropFirst(count)
    guard pending.isEmpty, case .writing(let closes) = phase else { return .wait }
    if closes { return .close }
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
      let reason = "\(error.rawValue) \(HTTPResponse.reasons[error.rawValue]!)"
      let response = HTTPResponse.text(reason, status: error.rawValue, isSniffable: true)
      write(response.serialized(at: now.wall, closes: true), true, at: now)
      return .wait
    }
  }

  private mutating func write(_ bytes: [UInt8], _ closes: Bool, at now: Moment) {
    pending = bytes[...]
    phase = .writing(thenCloses: closes)
    deadline = now.advanced(by: limits.writeTime)
  }
}
