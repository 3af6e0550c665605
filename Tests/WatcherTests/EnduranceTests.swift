import Doubles
import KubernetesAPI
import Testing
import Time

@testable import Watcher

/// A load balancer in front of the API server closes connections that are silent for 35 seconds, as in kubeadm's
/// example for HAProxy. In a quiet cluster the pauses between watches must not grow.
@Suite(.timeLimit(.minutes(1))) struct EnduranceTests {
  private static let list = """
    {"type":"BOOKMARK","object":{"kind":"Service","apiVersion":"v1","metadata":{"resourceVersion":"10",\
    "annotations":{"k8s.io/initial-events-end":"true"}}}}

    """

  @Test(arguments: [(35.0, 1.2, "it lasted"), (1.0, 45.0, "it is cut at once, again and again")])
  func `pauses after cuts`(_ seconds: Double, _ last: Double, _ reason: String) async {
    let transport = MemoryTransport { request in
      .cut(body: request.target.contains("sendInitialEvents") ? Array(Self.list.utf8) : [])
    }
    // A watch reads the clock at its start and at its end.
    let clock = PromptClock(limit: 9, step: .seconds(seconds))
    let environment = WatchEnvironment(
      transport: transport, output: ClusterEventChannel(), board: WatchStatusBoard(), logger: .silent, clock: clock,
      random: { 0.5 })
    let running = Task { await Reflector(.service, nodeName: "kind-worker", environment: environment).run() }
    let slept = await clock.slept { $0.count == 10 }
    running.cancel()
    await running.value
    #expect(transport.requests.allSatisfy { $0.headTimeout == .seconds(65) }, "a busy API server may take a minute")
    #expect(slept.last.map { ($0.inSeconds * 10).rounded() / 10 } == last, "\(reason): \(slept.map(\.inSeconds))")
  }
}
