import KubernetesAPI

/// The requests that a reflector can send to the API server.
enum ReflectorRequest: Equatable, Sendable {
  /// A watch that starts with all objects, followed by a bookmark (KEP-3157).
  case watchList(resourceVersion: String, timeoutSeconds: Int)
  /// A list, or one page of it.
  case list(resourceVersion: String, continuing: String?, limit: Int?)
  case watch(resourceVersion: String, timeoutSeconds: Int)
}

/// Why a request failed.
enum ReflectorFailure: Error, Equatable, Sendable {
  /// An HTTP status other than success.
  case refused(APIStatus)
  /// An ERROR event in a watch stream.
  case errorEvent(APIStatus)
  case transport(HTTPError)
  /// The answer is not a list or a watch stream.
  case decoding(DecodingFailure)
  /// A stream ended in the middle of an event.
  case truncated
  /// A streaming list ended before its bookmark.
  case incomplete

  var description: String {
    switch self {
    case .refused(let status): "the API server answered \(status)"
    case .errorEvent(let status): "the watch ended with error \(status)"
    case .transport(let error): error.description
    case .decoding(let error): "unreadable answer: \(error)"
    case .truncated: "the stream ended in the middle of an event"
    case .incomplete: "the stream ended before all objects were sent"
    }
  }

  var status: APIStatus? {
    switch self {
    case .refused(let status), .errorEvent(let status): status
    default: nil
    }
  }
}

/// The inputs of a reflector. Objects are already decoded. nil means that the object does not concern a service proxy.
enum ReflectorInput<Object: Sendable>: Sendable {
  case start
  /// The requested pause has ended.
  case waited
  /// One object of a page.
  case item(ObjectMetadata, Object?)
  /// The end of a page. `continuing` is nil on the last page.
  case endOfPage(resourceVersion: String, continuing: String?)
  /// ADDED or MODIFIED.
  case changed(ObjectMetadata, Object?)
  case deleted(ObjectMetadata)
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  /// The current watch, which ends now, has lasted for a while.
  case endured
  /// A stream ended normally, after its timeout.
  case ended
  case failed(ReflectorFailure)
}

/// The actions that a reflector requests.
enum ReflectorAction<Object: Sendable & Equatable>: Equatable, Sendable {
  /// Sends a request. It replaces whatever is running.
  case request(ReflectorRequest)
  /// Waits, then expects `.waited`. It replaces whatever is running.
  case wait(Duration)
  /// The credentials must be created again before the next request.
  case refreshCredentials
  /// The complete set of objects. Objects that are not in it no longer exist.
  case replace([Object])
  case set(Object)
  case remove(ObjectKey)
  /// Something that an operator should know.
  case report(ReflectorReport)
}

enum ReflectorReport: Equatable, Sendable {
  case failure(ReflectorFailure, retryAfter: Duration?)
  /// The API server does not support streaming lists. A paged list is tried instead.
  case fallsBackToList(ReflectorFailure)
  /// All objects are read again because the watch cannot continue.
  case relists(reason: String)
  /// The API server does not have the resource or refuses access to it.
  case absent(APIStatus)
}
