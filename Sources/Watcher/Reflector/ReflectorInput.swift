import KubernetesAPI

/// What a reflector may ask of the API server.
enum ReflectorRequest: Equatable, Sendable {
  /// A watch that begins with all objects and a bookmark after them (KEP-3157).
  case watchList(resourceVersion: String, timeoutSeconds: Int)
  /// A list, or one page of it.
  case list(resourceVersion: String, continuing: String?, limit: Int?)
  case watch(resourceVersion: String, timeoutSeconds: Int)
}

/// Why a request did not bring what it should have.
enum ReflectorFailure: Error, Equatable, Sendable {
  /// An HTTP status other than success.
  case refused(APIStatus)
  /// An ERROR event in a stream.
  case errorEvent(APIStatus)
  case transport(HTTPError)
  /// What arrived is no list or no watch.
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

/// What happens to a reflector. Objects come decoded; nil stands for one that is none of a proxy's business.
enum ReflectorInput<Object: Sendable>: Sendable {
  case start
  /// A pause that was asked for is over.
  case waited
  /// One object of a page.
  case item(ObjectMetadata, Object?)
  /// The end of a page; `continuing` is nil on the last.
  case endOfPage(resourceVersion: String, continuing: String?)
  /// ADDED or MODIFIED.
  case changed(ObjectMetadata, Object?)
  case deleted(ObjectMetadata)
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  /// The watch that ends now has lasted a while.
  case endured
  /// A stream ended as it should, after its timeout.
  case ended
  case failed(ReflectorFailure)
}

/// What a reflector wants done.
enum ReflectorAction<Object: Sendable & Equatable>: Equatable, Sendable {
  /// Whatever is under way is given up for this.
  case request(ReflectorRequest)
  /// Whatever is under way is given up; `.waited` is due after that time.
  case wait(Duration)
  /// Before the next request credentials are to be made anew.
  case refreshCredentials
  /// These are all objects: what is not among them is gone.
  case replace([Object])
  case set(Object)
  case remove(ObjectKey)
  /// Something that an operator should see.
  case report(ReflectorReport)
}

enum ReflectorReport: Equatable, Sendable {
  case failure(ReflectorFailure, retryAfter: Duration?)
  /// A streaming list is not to be had; a paged one is tried.
  case fallsBackToList(ReflectorFailure)
  /// All objects are read again, as the watch cannot go on.
  case relists(reason: String)
  /// The API server does not have the resource or does not let us see it.
  case absent(APIStatus)
}
