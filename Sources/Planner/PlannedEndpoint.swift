import IPTables
import ServiceModel

/// An endpoint of one service port, as merged from all slices.
struct PlannedEndpoint: Hashable, Sendable {
  let socket: SocketAddress
  let conditions: Endpoint.Conditions
  let isLocal: Bool
  let zoneHints: [String]
  let nodeHints: [String]

  /// `address:port`: what it is called in comments, and hashed to a chain name.
  var text: String { socket.description }
  var isReady: Bool { conditions.contains(.ready) }
  /// Draining: better than nothing (KEP-1669).
  var isServingTerminating: Bool { conditions.isSuperset(of: [.serving, .terminating]) }
}

/// Collects what several slices say of the endpoints of one service port.
struct EndpointMerge {
  let nodeName: String
  let slices: [EndpointSlice]

  /// What endpoints are ordered by.
  enum Order {
    /// Their texts, as kube-proxy does.
    case text
    /// Their addresses, which takes no texts.
    case address
  }

  /// The endpoints behind a port, each address once.
  ///
  /// A port is the same if name and protocol are. Of an address that is told of several times, the last entry that is
  /// not terminating wins (its IP may have been used again), else the first; slices go by name.
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

  /// Addresses of ready endpoints on this node, behind whatever port: what health-check node ports count.
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
