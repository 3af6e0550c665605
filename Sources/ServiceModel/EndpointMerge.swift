/// Merges the endpoints of one service port from several slices.
package struct EndpointMerge {
  private let slices: [EndpointSlice]

  /// - Parameter slices: all slices of the Service in one family, ordered by name.
  package init(_ slices: [EndpointSlice]) { self.slices = slices }

  /// The endpoints behind a port, each address once.
  ///
  /// Ports are the same if their name and protocol are the same. If several entries have the same address, the last one
  /// that is not terminating wins, because a new pod may have got the IP of a pod that has terminated. If all are
  /// terminating, the first one wins. Slices are read in the order of their names.
  package func endpoints(port: String, transport: TransportProtocol) -> [SocketAddress: Endpoint] {
    var best: [SocketAddress: Endpoint] = [:]
    for slice in slices {
      for slicePort in slice.ports where slicePort.name == port && slicePort.transport == transport {
        for endpoint in slice.endpoints {
          let socket = SocketAddress(endpoint.address, port: slicePort.port)
          if best[socket] == nil || !endpoint.isTerminating { best[socket] = endpoint }
        }
      }
    }
    return best
  }

  /// How many endpoints a port has, ready or not. The limit of large-cluster mode counts these endpoints.
  package func count(port: String, transport: TransportProtocol) -> Int {
    var sockets: Set<SocketAddress> = []
    for slice in slices {
      for slicePort in slice.ports where slicePort.name == port && slicePort.transport == transport {
        sockets.formUnion(slice.endpoints.lazy.map { SocketAddress($0.address, port: slicePort.port) })
      }
    }
    return sockets.count
  }
}
