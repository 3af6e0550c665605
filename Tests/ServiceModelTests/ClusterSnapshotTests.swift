import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct ClusterSnapshotTests {
  private func name(_ name: String) -> NamespacedName { NamespacedName(namespace: "default", name: name)! }

  private func slice(_ slice: String, of service: String, _ family: IPFamily = .ipv4, port: UInt16 = 80)
    -> EndpointSlice
  {
    EndpointSlice(
      name: name(slice), service: name(service), family: family, ports: [.init(name: "", port: port)], endpoints: [])
  }

  @Test func `a slice that moves to another Service affects both`() {
    var snapshot = ClusterSnapshot()
    let concerned = [
      snapshot.set(slice("s", of: "a")), snapshot.set(slice("s", of: "b")),
    ]
    #expect(concerned == [[name("a")], [name("a"), name("b")]])
    #expect(snapshot.slices(of: name("a"), family: .ipv4) == [])
    #expect(snapshot.slices(of: name("b"), family: .ipv4).map(\.name) == [name("s")])
    let removed = snapshot.removeSlice(name("s"))
    #expect(removed == [name("b")])
    #expect(snapshot == ClusterSnapshot())
  }

  @Test func `a slice that does not change affects no Service`() {
    var snapshot = ClusterSnapshot()
    let concerned = [
      snapshot.set(slice("s", of: "a")), snapshot.set(slice("s", of: "a")),
      snapshot.set(slice("s", of: "a", port: 81)), snapshot.removeSlice(name("other")),
    ]
    #expect(concerned == [[name("a")], [], [name("a")], []])
  }

  @Test func `set returns whether a Service or a Node changed`() {
    var snapshot = ClusterSnapshot()
    let service = Service(name: name("a"), clusterIPs: [IPAddress("10.200.1.16")!], ports: [])
    let services = [
      snapshot.set(service), snapshot.set(service), snapshot.removeService(name("other")),
      snapshot.removeService(name("a")), snapshot.removeService(name("a")),
    ]
    #expect(services == [true, false, false, true, false])
    let nodes = [
      snapshot.set(Node(name: "here")), snapshot.set(Node(name: "here")), snapshot.set(Node(name: "here", zone: "a")),
      snapshot.removeNode("here"), snapshot.removeNode("here"),
    ]
    #expect(nodes == [true, false, true, true, false])
  }

  @Test func `slices are listed by family and ordered by name`() {
    var snapshot = ClusterSnapshot()
    for (slice, family) in [("c", IPFamily.ipv4), ("a", .ipv4), ("b", .ipv6), ("d", .ipv4)] {
      snapshot.set(self.slice(slice, of: "web", family))
    }
    #expect(snapshot.slices(of: name("web"), family: .ipv4).map(\.name.name) == ["a", "c", "d"])
    #expect(snapshot.slices(of: name("web"), family: .ipv6).map(\.name.name) == ["b"])
  }
}
