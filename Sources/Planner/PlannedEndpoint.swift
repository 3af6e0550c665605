import IPTables
import ServiceModel

/// An endpoint of one service port, as merged from all slices.
struct PlannedEndpoint: Hashable, Sendable {
  let socket: SocketAddress
  let conditions: Endpoint.Conditions
  let isLocal: Bool
  let zoneHints: [String]
  let nodeHints: [String]

  /// `address:port`, as it stands in comments and in the text that chain names are hashed from.
  var text: String { socket.description }
  var isReady: Bool { conditions.contains(.ready) }
  /// Still serving while it terminates. It is used only if no endpoint is ready (KEP-1669).
  var isServingTerminating: Bool { conditions.isSuperset(of: [.serving, .terminating]) }
}

/// Merges the endpoints of one service port from several slices.
struct EndpointMerge {
  let nodeName: String
  let slices: [EndpointSlice]

  /// How endpoints are sorted.
  enum Order {
    /// By their texts, as kube-proxy sorts them.
    case text
    /// By their addresses, which needs no texts.
    case address
  }

  /// The endpoints behind a port, each address once.
  ///
  /// Ports are the same if their name and protocol are the same. If several entries have the same address, the last one
  /// that is not terminating wins, because another pod may have got the IP of a terminated one. If all are terminating,
  /// the first one wins. Slices are read in the order of their names.
  func endpoints(port: String, transport: TransportProtocol, by order: Order = .text) -> [PlannedEndpoint] {
    var best: [SocketAddress: Endpoint] = [:]
    for slice in slices {
      for slicePort in slice.ports where slicePort.name == port && slicePort.transport == transport {
        for endpoint in slice.endpoints {
          let socket = SocketAddress(endpoint.address, port: slicePort.port)
          if best[socket] == nil || !endpoint.isTerminating { best[socket] = endpoint }
        }
      }
    }
    return sorted(best, by: order).map { socket, endpoint in
      PlannedEndpoint(
        socket: socket, conditions: endpoint.conditions, isLocal: endpoint.nodeName == nodeName,
        zoneHints: endpoint.zoneHints, nodeHints: endpoint.nodeHints)
    }
  }

  private func sorted(
    _ endpoints: [SocketAddress: Endpoint], by order: Order
  ) -> [(socket: SocketAddress, endpoint: Endpoint)] {
    switch order {
    case .address:
      return endpoints.keys.sorted().map { ($0, endpoints[$0]!) }
    case .text:
      let texts = endpoints.keys.map { (socket: $0, text: $0.description) }
      return texts.sorted { $0.text < $1.text }.map { ($0.socket, endpoints[$0.socket]!) }
    }
  }

  /// How many endpoints a port has, ready or not: what large-cluster mode counts.
  func count(port: String, transport: TransportProtocol) -> Int {
    var sockets: Set<SocketAddress> = []
    for slice in slices {
      for slicePort in slice.ports where slicePort.name == port && slicePort.transport == transport {
        sockets.formUnion(slice.endpoints.lazy.map { SocketAddress($0.address, port: slicePort.port) })
      }
    }
    return sockets.count
  }

  /// Addresses of ready endpoints on this node, behind any port. Health-check node ports report their number.
  func localReadyAddresses() -> Set<IPAddress> {
    let ports = Set(slices.flatMap(\.ports).map { PortKey(name: $0.name, transport: $0.transport) })
    return ports.reduce(into: []) { addresses, port in
      let endpoints = endpoints(port: port.name, transport: port.transport)
      addresses.formUnion(endpoints.lazy.filter { $0.isLocal && $0.isReady }.map(\.socket.address))
    }
  }

  private struct PortKey: Hashable {
    let name: String
    let transport: TransportProtocol
  }
}
