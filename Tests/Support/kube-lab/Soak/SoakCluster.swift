import APIServerFixture
import Lab
import ServiceModel

/// A small cluster in which no change repeats an earlier one. Addresses and names are always new, as in a cluster whose
/// pods are replaced for months.
struct SoakCluster {
  static let services = 20
  static let endpoints = 3

  let store: ObjectStore
  let node: LabNode
  /// The Services that stay. The oldest endpoint of each comes first.
  private var lasting: [ServiceObject] = []
  /// A Service that one change adds and a later change removes.
  private var passing: ServiceObject?
  private var addresses = 0

  init(store: ObjectStore, lab: Lab) throws {
    self.store = store
    node = lab.nodes[0]
    for object in lab.nodeObjects { try store.apply(json: object.text) }
    for number in 0..<SoakCluster.services {
      let service = service("web-\(number)", number + 1)
      try apply(service)
      lasting.append(service)
    }
  }

  /// Makes one change. In most changes a new endpoint replaces a Service's oldest one. One change in ten adds or
  /// removes a Service.
  /// - Returns: the families whose rules change.
  mutating func change(_ number: Int) throws -> [IPFamily] {
    if number % 20 == 0 {
      let service = service("passing-\(number)", SoakCluster.services + 1)
      try apply(service)
      passing = service
      return service.families
    } else if number % 20 == 10, let service = passing {
      for key in keys(of: service) { store.delete(key) }
      passing = nil
      return service.families
    } else {
      let index = number % SoakCluster.services
      lasting[index].endpoints.removeFirst()
      lasting[index].endpoints.append(endpoint())
      // Change one object only: the slice of one family now, and that of the other family next time.
      let turn = number / SoakCluster.services % 2
      try store.apply(json: lasting[index].objects[1 + turn].text)
      return [lasting[index].families[turn]]
    }
  }

  private mutating func service(_ name: String, _ number: Int) -> ServiceObject {
    ServiceObject(
      name, number,
      // The UDP port makes the proxy clean up conntrack too.
      ports: [.init("http", .tcp, 80, target: 8080), .init("dns", .udp, 53, target: 5353)],
      endpoints: (0..<SoakCluster.endpoints).map { _ in endpoint() })
  }

  private mutating func endpoint() -> ServiceObject.Endpoint {
    addresses += 1
    // The IPv4 pod network has 65,536 addresses. Use each of them once before one is used again.
    let number = addresses % 65_000 + 256
    return .init(Addresses { Layout.address(number, in: Layout.podNetwork($0)) }, node: node.name)
  }

  private func apply(_ service: ServiceObject) throws {
    for object in service.objects { try store.apply(json: object.text) }
  }

  private func keys(of service: ServiceObject) -> [StoredObject.Key] {
    let namespace = ServiceObject.namespace
    return [.init(.services, namespace: namespace, name: service.name)]
      + service.families.map {
        .init(.endpointSlices, namespace: namespace, name: "\(service.name)-\($0.rawValue.lowercased())")
      }
  }
}
