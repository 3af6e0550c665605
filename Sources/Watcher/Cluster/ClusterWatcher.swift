import KubernetesAPI
import Logging
import System
import Time

/// Watches Services, EndpointSlices, the node's own Node and (if requested) ServiceCIDRs of an API server, and sends
/// batches of `ClusterEvent`s. The first event of each resource is a `replace…` with all of its objects. Code that
/// writes rules should wait for the first event of Services, slices and Nodes. (kube-proxy does not wait for the Node,
/// so it can miss its zone at start.)
package struct ClusterWatcher: Sendable {
  private let nodeName: String
  private let resources: [ResourceKind]
  private let environment: WatchEnvironment
  private let startSpread: Duration

  /// - Parameters:
  ///   - transport: the connection to the API server, usually `CurlTransport`.
  ///   - nodeName: the node's own Node. Other Nodes are not watched.
  ///   - output: receives the events. It is not finished when `run` ends.
  ///   - startSpread: the first requests wait for a random part of it, so that nodes which start together do not send
  ///     their requests at the same time.
  ///   - clock: tells the time and measures the pauses between attempts.
  ///   - random: numbers in 0..<1, for jitter.
  package init(
    transport: any HTTPTransport, nodeName: String, output: ClusterEventChannel, logger: Logger,
    resources: [ResourceKind] = ResourceKind.watched(withServiceCIDRs: false), startSpread: Duration = .zero,
    clock: any MomentClock = SystemClock(),
    random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
  ) {
    self.nodeName = nodeName
    self.resources = resources
    self.startSpread = startSpread
    environment = WatchEnvironment(
      transport: transport, output: output, board: WatchStatusBoard(resources), logger: logger, clock: clock,
      random: random)
  }

  /// The status of each resource's watch.
  package var status: [WatchStatus] { environment.board.all }

  /// Watches until the task is cancelled. Failures are logged, shown in `status`, and tried again.
  package func run() async {
    if startSpread > .zero {
      // The sleep ends early only if the task is cancelled. The reflectors check for cancellation.
      await environment.clock.sleep(for: startSpread * environment.random())
    }
    // The reflectors decode what the API server sends. A large list takes long, so they have a thread of their own.
    let thread = ThreadTaskExecutor("watch")
    await withTaskGroup(of: Void.self) { group in
      for resource in resources {
        group.addTask(executorPreference: thread) {
          await Reflector(resource, nodeName: nodeName, environment: environment).run()
        }
      }
    }
  }
}
