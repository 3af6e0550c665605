import Planner
import ServiceModel
import Testing

/// Health-check node ports that something else has as well. Services are t/a, t/b and t/c.
@Suite(.timeLimit(.minutes(5))) struct HealthPortIndexTests {
  private static func service(
    _ name: String, health: UInt16? = nil, nodePort: UInt16? = nil, _ transport: TransportProtocol = .tcp
  ) -> Service {
    let name = NamespacedName(namespace: "t", name: name)!
    let port = ServicePortName(service: name, port: "http", transport: transport)!
    var service = Service(
      name: name, type: .loadBalancer, clusterIPs: [IPAddress("10.96.0.1")!],
      ports: [Service.Port(name: port, port: 80, nodePort: nodePort)])
    service.healthCheckNodePort = health
    return service
  }

  private func texts(_ services: Service...) -> [String] {
    let index = HealthPortIndex(services)
    return services.compactMap { index.clash(of: $0.name)?.description }
  }

  @Test func `a node port, of another Service or its own, and another health-check node port are clashes`() {
    #expect(
      texts(Self.service("a", health: 30999), Self.service("b", nodePort: 30999))
        == ["t/a: health-check node port 30999 is also node port of t/b:http"])
    #expect(
      texts(Self.service("a", health: 30999, nodePort: 30999))
        == ["t/a: health-check node port 30999 is also node port of t/a:http"])
    #expect(
      texts(Self.service("a", health: 30999), Self.service("b", health: 30999, nodePort: 30000))
        == [
          "t/a: health-check node port 30999 is also health-check node port of t/b",
          "t/b: health-check node port 30999 is also health-check node port of t/a",
        ])
  }

  @Test func `another protocol or another port is no clash`() {
    #expect(texts(Self.service("a", health: 30999), Self.service("b", nodePort: 30999, .udp)).isEmpty)
    #expect(texts(Self.service("a", health: 30999), Self.service("b", nodePort: 30998)).isEmpty)
  }

  @Test func `a change names the Services whose clashes may have changed, and both Services of a clash know it`() {
    var index = HealthPortIndex([Self.service("a", health: 30999)])
    let (a, b) = (NamespacedName(namespace: "t", name: "a")!, NamespacedName(namespace: "t", name: "b")!)
    #expect(index.set(Self.service("b", nodePort: 30999)).contains(a))
    #expect(index.clashes(with: b).map(\.service) == [a])
    #expect(index.clashes(with: a).map(\.service) == [a])
    #expect(index.set(Self.service("b", nodePort: 30998)).contains(a))
    #expect(index.clash(of: a) == nil)
    #expect(index.set(Self.service("b", nodePort: 30999)).contains(a))
    #expect(index.remove(b).contains(a))
    #expect(index.clash(of: a) == nil)
  }
}
