import HTTP
import KubernetesAPI
import Synchronization
import Watcher

/// A transport that counts requests and the bytes of the responses.
final class CountingTransport: HTTPTransport {
  private let base: any HTTPTransport
  private let acceptsJSONAlone: Bool
  private let counts = Mutex((requests: 0, bytes: 0))

  init(_ base: any HTTPTransport, acceptsJSONAlone: Bool) {
    self.base = base
    self.acceptsJSONAlone = acceptsJSONAlone
  }

  var bytes: Int { counts.withLock { $0.bytes } }
  var requests: Int { counts.withLock { $0.requests } }

  func send(_ request: APIRequest) async throws(HTTPError) -> APIResponse {
    counts.withLock { $0.requests += 1 }
    var request = request
    if acceptsJSONAlone { request.headers["Accept"] = "application/json" }
    var response = try await base.send(request)
    response.body = Body(response.body) { [self] count in counts.withLock { $0.bytes += count } }
    return response
  }

  func refreshCredentials() async { await base.refreshCredentials() }

  private final class Body: HTTPBody {
    private let base: any HTTPBody
    private let count: @Sendable (Int) -> Void

    init(_ base: any HTTPBody, count: @escaping @Sendable (Int) -> Void) {
      self.base = base
      self.count = count
    }

    func read(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool {
      let kept = bytes.count
      let isMore = try await base.read(into: &bytes)
      count(bytes.count - kept)
      return isMore
    }

    func setIdleTimeout(_ timeout: Duration) { base.setIdleTimeout(timeout) }
    func cancel() { base.cancel() }
  }
}
