import Doubles
import KubernetesAPI
import Testing
import Time

@testable import Watcher

/// The log names a Service with an unusual value once, not with each event of the Service.
@Suite(.timeLimit(.minutes(5))) struct OddObjectTests {
  private func service(_ externalIP: String) throws -> DecodedObject {
    var decoder = ObjectDecoder()
    let json = """
      {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
       "spec": {"clusterIP": "10.200.1.9", "externalIPs": ["\(externalIP)"], "ports": [{"port": 80}]}}
      """
    return try decoder.decode(json.utf8, source: ObjectSource(name: "watch"))
  }

  @Test func `a bad object is named once, and again when its problem changes`() throws {
    let log = LogCollector()
    var output = ReflectorOutput(
      .service,
      environment: WatchEnvironment(
        transport: MemoryTransport { _ in .silence }, output: ClusterEventChannel(),
        board: WatchStatusBoard([.service]),
        logger: log.logger, clock: SystemClock(), random: { 0.5 }))
    output.warn(try service("x"))
    output.warn(try service("x"))
    #expect(log.messages == ["object has a problem; the rest of it is used"])
    output.warn(try service("y"))
    output.warn(try service("198.51.100.7"))
    output.warn(try service("y"))
    #expect(log.messages.count == 3)
    output.forget(try service("y").reference)
    output.warn(try service("y"))
    #expect(log.messages.count == 4)
  }
}
