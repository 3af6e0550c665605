import FoundationEssentials
public import Logging

/// Follows Services, EndpointSlices, the own Node and (where asked for) ServiceCIDRs of an API server and tells what it
/// learns as batches of `ClusterEvent`s. The first event of each resource is a `replace…` with all of its objects; until
/// then nothing is
/// said of it. Who programs rules should wait for those of Services, slices and Nodes (kube-proxy can miss its zone at
/// start, as it does not).
public struct ClusterWatcher: Sendable {
  private let nodeName: String
  private let resources: [WatchedResource]
  private let environment: WatchEnvironment
  private let startSpread: Duration

  /// - Parameters:
  ///   - transport: the way to the API server, `CurlTransport` as a rule.
  ///   - nodeName: the own Node; no other is followed.
  ///   - output: where the events go. It is not finished when `run` ends.
  ///   - startSpread: the first requests wait for a random part of it, so that the nodes of a cluster that start together
  ///     do not ask together.
  ///   - clock: what pauses between tries are measured by.
  ///   - random: numbers in 0..<1, for jitter.
  public init(
    transport: any HTTPTransport, nodeName: String, output: ClusterEventChannel, logger: Logger,
    resources: [WatchedResource] = WatchedResource.needed(withServiceCIDRs: false), startSpread: Duration = .zero,
    clock: any Clock<Duration> = ContinuousClock(),
    random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
  ) {
    self.nodeName = nodeName
    self.resources = resources
    self.startSpread = startSpread
    environment = WatchEnvironment(
      transport: transport, output: output, board: WatchStatusBoard(resources), logger: logger, clock: clock,
      wallTime: { Date().timeIntervalSince1970 }, random: random)
  }

  /// How the watches are doing, for each resource.
  public var status: [WatchStatus] { environment.board.all }

  /// Follows the API server until the task is cancelled. Failures are logged, shown in `status`, and tried again.
  public func run() async {
    if startSpread > .zero {
      // Only cancellation ends it early, which the reflectors see.
      try? await environment.clock.sleep(for: startSpread * environment.random())
    }
    await withTaskGroup(of: Void.self) { group in
      for resource in resources {
        group.addTask { await Reflector(resource, nodeName: nodeName, environment: environment).run() }
      }
    }
  }
}
