import APIServerFixture
import Lab
import ServiceModel

/// A small cluster in which no change repeats an earlier one: addresses and names are new each time, as in a cluster
/// whose pods come and go for months.
struct SoakCluster {
  static let services = 20
  static let endpoints = 3

  let store: ObjectStore
  let node: LabNode
  /// The Services that stay, their endpoints oldest first.
  private var lasting: [ServiceObject] = []
  /// A Service that comes with one change and goes with a later one.
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

  /// Makes one change: as a rule a Service's oldest endpoint gives way to a new one, and one time in ten a Service comes
  /// or goes.
  mutating func change(_ number: Int) throws {
    if number % 20 == 0 {
      let service = service("passing-\(number)", SoakCluster.services + 1)
      try apply(service)
      passing = service
    } else if number % 20 == 10, let service = passing {
      for key in keys(of: service) { store.delete(key) }
      passing = nil
    } else {
      let index = number % SoakCluster.services
      lasting[index].endpoints.removeFirst()
      lasting[index].endpoints.append(endpoint())
      // One object a change: now a slice of this family, next time of the other.
      let family = number / SoakCluster.services % 2
      try store.apply(json: lasting[index].objects[1 + family].text)
    }
  }

  private mutating func service(_ name: String, _ number: Int) -> ServiceObject {
    ServiceObject(
      name, number,
      // With UDP, so that conntrack is cleaned as well.
      ports: [.init("http", .tcp, 80, target: 8080), .init("dns", .udp, 53, target: 5353)],
      endpoints: (0..<SoakCluster.endpoints).map { _ in endpoint() })
  }

  private mutating func endpoint() -> ServiceObject.Endpoint {
    addresses += 1
    // A pod network has 65,536 addresses of IPv4, and each is used once before one comes again.
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
