import HTTP
import KubernetesAPI
import Time

/// Executes the actions of a `ReflectorStateMachine` for one resource: sends its requests, waits, and forwards its
/// output. Runs in one task.
final class Reflector {
  let resource: ResourceKind
  let environment: WatchEnvironment
  var machine: ReflectorStateMachine<WatchedObject>
  var decoder = ObjectDecoder()
  var output: ReflectorOutput
  private let requests: ResourceRequests
  /// The machine's next step, taken after the current input is handled.
  private(set) var nextStep: Step?
  private var wantsFreshCredentials = false

  enum Step {
    case request(ReflectorRequest)
    case wait(Duration)
  }

  init(_ resource: ResourceKind, nodeName: String, environment: WatchEnvironment) {
    self.resource = resource
    self.environment = environment
    requests = ResourceRequests(resource, nodeName: nodeName)
    output = ReflectorOutput(resource, environment: environment)
    machine = ReflectorStateMachine(isOptional: resource.isOptional, random: environment.random)
  }

  /// A busy API server may queue a request for up to a minute before it rejects the request. Giving up earlier and
  /// sending it again would only add load. Dead connections are detected sooner by other means.
  static let headTimeout = Duration.seconds(65)

  /// Watches the resource until the task is cancelled.
  func run() async {
    await feed(.start)
    while !Task.isCancelled, let step = nextStep {
      nextStep = nil
      switch step {
      case .request(let request): await perform(request)
      case .wait(let duration):
        // The sleep ends early only if the task is cancelled. The loop checks for cancellation.
        await environment.clock.sleep(for: duration)
        await feed(.waited)
      }
    }
  }

  /// Passes an input to the machine, executes its actions and sends the output.
  func feed(_ input: ReflectorInput<WatchedObject>) async {
    handle(input)
    await output.flush(machine)
  }

  /// Like `feed`, but the output waits for the next `flush`.
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
      // If we cancelled the request ourselves, it is not a failure.
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
    let response: APIResponse
    do throws(HTTPError) {
      response = try await environment.transport.send(
        APIRequest(
          target: target, headers: [.accept: request.accept], headTimeout: Reflector.headTimeout,
          idleTimeout: idleTimeout))
    } catch {
      throw .transport(error)
    }
    defer { response.body.cancel() }
    guard response.status == 200 else { throw .refused(try await refusal(response)) }
    let format = APIFormat(contentType: response.headers[.contentType])
    if case .list = request {
      try await readList(response.body, format)
    } else {
      output.beganWatch()
      try await readWatch(response.body, format)
    }
  }

  /// The Status that the server sent instead of the requested data.
  private func refusal(_ response: APIResponse) async throws(ReflectorFailure) -> APIStatus {
    let body: [UInt8]
    do throws(HTTPError) {
      body = try await response.body.collect(limit: 64 << 10)
    } catch {
      throw .transport(error)
    }
    var status = decoder.status(body) ?? APIStatus(code: response.status, reason: "", message: "")
    if status.code == 0 { status.code = response.status }
    // Kubernetes sends seconds, never a date.
    if let seconds = response.headers[.retryAfter].flatMap({ Int($0) }) { status.retryAfterSeconds = seconds }
    return status
  }
}

extension ReflectorRequest {
  /// Whether it is a watch that does not start with all objects.
  var isPlainWatch: Bool { if case .watch = self { true } else { false } }

  /// The accepted media types, the preferred one first.
  var accept: String { if case .list = self { APIFormat.acceptForLists } else { APIFormat.acceptForWatches } }
}
