/// Merges the endpoints of each port of one Service from several slices.
package struct EndpointMerge {
  /// What makes ports of several slices the same port.
  package struct Port: Hashable {
    package let name: String
    package let transport: TransportProtocol
  }

  private struct Place {
    let slice: Int
    let number: UInt16
  }

  private let slices: [EndpointSlice]
  /// The slices that have a port, in their order, and the port's number there.
  private let places: [Port: [Place]]

  /// - Parameter slices: all slices of the Service in one family, ordered by name.
  package init(_ slices: [EndpointSlice]) {
    self.slices = slices
    var places: [Port: [Place]] = [:]
    for (index, slice) in slices.enumerated() {
      for port in slice.ports {
        places[Port(name: port.name, transport: port.transport), default: []].append(
          Place(slice: index, number: port.port))
      }
    }
    self.places = places
  }

  /// All ports of the slices, in no order.
  package var ports: some Sequence<Port> { places.keys }

  /// The endpoints behind a port, each address once.
  ///
  /// Ports are the same if their name and protocol are the same. If several entries have the same address, the last one
  /// that is not terminating wins, because a new pod may have got the IP of a pod that has terminated. If all are
  /// terminating, the first one wins. Slices are read in the order of their names.
  package func endpoints(port: String, transport: TransportProtocol) -> [SocketAddress: Endpoint] {
    var best: [SocketAddress: Endpoint] = [:]
    for place in places[Port(name: port, transport: transport)] ?? [] {
      for endpoint in slices[place.slice].endpoints {
        let socket = SocketAddress(endpoint.address, port: place.number)
        if best[socket] == nil || !endpoint.isTerminating { best[socket] = endpoint }
      }
    }
    return best
  }

  /// How many endpoints a port has, ready or not. The limit of large-cluster mode counts these endpoints.
  package func count(port: String, transport: TransportProtocol) -> Int {
    var sockets: Set<SocketAddress> = []
    for place in places[Port(name: port, transport: transport)] ?? [] {
      sockets.formUnion(slices[place.slice].endpoints.lazy.map { SocketAddress($0.address, port: place.number) })
    }
    return sockets.count
  }
}
