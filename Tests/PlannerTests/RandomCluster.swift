import IPTables
import Mutations
import ServiceModel

@testable import Planner

/// Random clusters from a seed, so that a failure can be repeated. Addresses: see `FamilyText`.
struct RandomCluster {
  private var generator: SplitMix64
  private(set) var snapshot = ClusterSnapshot()
  private(set) var size: Int
  let text: FamilyText

  init(seed: UInt64, size: Int, family: IPFamily = .ipv4) {
    text = FamilyText(family)
    generator = SplitMix64(seed: seed)
    self.size = size
    for index in 0..<size { set(index) }
  }

  /// Adds, changes or removes something. Returns the Service that it concerns.
  mutating func change() -> NamespacedName {
    let index = Int.random(in: 0..<(size + size / 4 + 1), using: &generator)
    let name = Self.name(index)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      snapshot.removeService(name)
    case 1:
      snapshot.removeSlice(name)
    case 2:
      snapshot.set(slice(index))
    default:
      set(index)
    }
    return name
  }

  static func name(_ index: Int) -> NamespacedName { NamespacedName(namespace: "default", name: "s\(index)")! }

  /// Adds Services or removes the last ones until there are this many. Returns those that were added or removed.
  mutating func resize(to newSize: Int) -> Set<NamespacedName> {
    let indices = newSize > size ? size..<newSize : newSize..<(size + size / 4 + 1)
    for index in indices {
      if newSize > size {
        set(index)
      } else {
        snapshot.removeService(Self.name(index))
        snapshot.removeSlice(Self.name(index))
      }
    }
    size = newSize
    return Set(indices.map(Self.name))
  }

  private mutating func set(_ index: Int) {
    snapshot.set(service(index))
    snapshot.set(slice(index))
  }

  private mutating func service(_ index: Int) -> Service {
    let address = text.address
    let name = Self.name(index)
    let port = ServicePortName(
      service: name, port: "", transport: [.tcp, .udp, .sctp].randomElement(using: &generator)!)!
    let isExternal = Int.random(in: 0..<3, using: &generator) == 0
    let hasNodePort = Int.random(in: 0..<2, using: &generator) == 0
    // Some share an address and differ by port only; some are far from all others.
    let cluster = "10.\(96 + index / 65536).\(index / 256 % 256).\(index % 256)"
    let near = "203.0.113.\(index % 3)"
    let far = "\(Int.random(in: 11..<200, using: &generator)).\(index % 7).0.\(index % 5)"
    // Now and then the load balancer's address is one of the external IPs as well.
    let isBalanced = Int.random(in: 0..<4, using: &generator) == 0
    let ranges = isBalanced && Bool.random(using: &generator) ? ["192.0.2.0/24", "172.18.0.0/16"] : []
    let external = Bool.random(using: &generator) ? TrafficPolicy.cluster : .local
    return Service(
      name: name, type: isBalanced ? .loadBalancer : hasNodePort ? .nodePort : .clusterIP,
      clusterIPs: [address(cluster)], externalIPs: isExternal ? [address(near), address(far)] : [],
      loadBalancerIPs: isBalanced ? [address(near)] : [], loadBalancerSourceRanges: ranges.map(text.cidr),
      ports: [
        Service.Port(
          name: port, port: UInt16(1000 + index), nodePort: hasNodePort ? UInt16(30000 + index % 2768) : nil)
      ],
      affinityTimeout: Int.random(in: 0..<5, using: &generator) == 0 ? 60 : nil,
      internalTrafficPolicy: Int.random(in: 0..<5, using: &generator) == 0 ? .local : .cluster,
      externalTrafficPolicy: external,
      healthCheckNodePort: isBalanced && external == .local ? UInt16(20000 + index) : nil)
  }

  private mutating func slice(_ index: Int) -> EndpointSlice {
    let transports: [TransportProtocol] = [.tcp, .udp, .sctp]
    // One goes back and forth across the bound of a choice in one step.
    let count = index == 3 ? [64, 65, 90].randomElement(using: &generator)! : Int.random(in: 0..<4, using: &generator)
    let endpoints = (0..<count).map { number in
      Endpoint(
        address: text.address("10.10.\(number % 3).\(number + 2)"),
        conditions: Int.random(in: 0..<5, using: &generator) == 0 ? [.serving, .terminating] : [.ready, .serving],
        nodeName: number % 3 == 0 ? "here" : "there")
    }
    return EndpointSlice(
      name: Self.name(index), service: Self.name(index), family: text.family,
      ports: transports.map { .init(name: "", transport: $0, port: 80) }, endpoints: endpoints)
  }
}
