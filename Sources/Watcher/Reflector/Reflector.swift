import KubernetesAPI

/// Performs what a `ReflectorStateMachine` wants for one resource: sends its requests, waits, and hands on what it says
/// of the objects. Runs in one task.
final class Reflector {
  let resource: WatchedResource
  let environment: WatchEnvironment
  var machine: ReflectorStateMachine<WatchedObject>
  var decoder = ObjectDecoder()
  var output: ReflectorOutput
  private let requests: ResourceRequests
  /// What the machine wants next, once its present input is dealt with.
  private(set) var nextStep: Step?
  private var wantsFreshCredentials = false

  enum Step {
    case request(ReflectorRequest)
    case wait(Duration)
  }

  init(_ resource: WatchedResource, nodeName: String, environment: WatchEnvironment) {
    self.resource = resource
    self.environment = environment
    requests = ResourceRequests(resource, nodeName: nodeName)
    output = ReflectorOutput(resource, environment: environment)
    machine = ReflectorStateMachine(isOptional: resource.isOptional, random: environment.random)
  }

  /// An API server that has much to do lets a request wait for up to a minute, and then says so. To give up before would
  /// only add to its work; a connection that is dead is noticed sooner by other means.
  static let headTimeout = Duration.seconds(65)

  /// Follows the resource until the task is cancelled.
  func run() async {
    await feed(.start)
    while !Task.isCancelled, let step = nextStep {
      nextStep = nil
      switch step {
      case .request(let request): await perform(request)
      case .wait(let duration):
        // Only cancellation ends it early, which the loop sees.
        try? await environment.clock.sleep(for: duration)
        await feed(.waited)
      }
    }
  }

  /// Puts something to the machine and performs what can be done at once.
  func feed(_ input: ReflectorInput<WatchedObject>) async {
    handle(input)
    await output.flush(machine)
  }

  /// As `feed`, but what is said of objects waits for the next `flush`.
  func handle(_ input: ReflectorInput<WatchedObject>) {
    for action in machine.handle(input) {
      switch action {
      case .request(let request): nextStep = .request(request)
      case .wait(let duration): nextStep = .wait(duration)
      case .refreshCredentials: wantsFreshCredentials = true
      case .replace(let objects): output.replace(objects)
      case .set(let object): output.set(object)
      case .remove(let key): output.remove(key)
      case .report(let report): output.report(report)
      }
    }
  }

  private func perform(_ request: ReflectorRequest) async {
    do throws(ReflectorFailure) {
      try await send(request)
    } catch {
      // A request that we gave up ourselves did not fail.
      if Task.isCancelled { return }
      await feed(.failed(error))
    }
  }

  private func send(_ request: ReflectorRequest) async throws(ReflectorFailure) {
    if wantsFreshCredentials {
      wantsFreshCredentials = false
      await environment.transport.refreshCredentials()
    }
    let idleTimeout = request.isPlainWatch ? environment.watchIdleTimeout : .seconds(30)
    let target = requests.target(request)
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await environment.transport.send(
        HTTPRequest(
          target: target, headers: ["Accept": request.accept], headTimeout: Reflector.headTimeout,
          idleTimeout: idleTimeout))
    } catch {
      throw .transport(error)
    }
    defer { response.body.cancel() }
    guard response.status == 200 else { throw .refused(try await refusal(response)) }
    let format = APIFormat(contentType: response.headers["content-type"])
    if case .list = request {
      try await readList(response.body, format)
    } else {
      output.beganWatch()
      try await readWatch(response.body, format)
    }
  }

  /// What the server says instead of what was asked for.
  private func refusal(_ response: HTTPResponse) async throws(ReflectorFailure) -> APIStatus {
    let body: [UInt8]
    do throws(HTTPError) {
      body = try await response.body.collect(limit: 64 << 10)
    } catch {
      throw .transport(error)
    }
    var status = decoder.status(body) ?? APIStatus(code: response.status, reason: "", message: "")
    if status.code == 0 { status.code = response.status }
    // Kubernetes gives seconds, never a date.
    if let seconds = response.headers["retry-after"].flatMap({ Int($0) }) { status.retryAfterSeconds = seconds }
    return status
  }
}

extension ReflectorRequest {
  /// A watch that does not begin with all objects.
  var isPlainWatch: Bool { if case .watch = self { true } else { false } }

  /// The media types that are read, the preferred one first.
  var accept: String { if case .list = self { APIFormat.acceptForLists } else { APIFormat.acceptForWatches } }
}
