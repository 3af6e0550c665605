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

extension PlannedEndpoint {
  fileprivate init(_ socket: SocketAddress, _ endpoint: Endpoint, nodeName: String) {
    self.init(
      socket: socket, conditions: endpoint.conditions, isLocal: endpoint.nodeName == nodeName,
      zoneHints: endpoint.zoneHints, nodeHints: endpoint.nodeHints)
  }
}

/// The merged endpoints of a Service as the rules of one node use them.
struct PlannedEndpoints {
  private let nodeName: String
  private let merge: EndpointMerge

  /// - Parameter slices: all slices of the Service in one family, ordered by name.
  init(nodeName: String, slices: [EndpointSlice]) {
    self.nodeName = nodeName
    merge = EndpointMerge(slices)
  }

  /// How endpoints are sorted.
  enum Order {
    /// By their texts, as kube-proxy sorts them.
    case text
    /// By their addresses, which needs no texts.
    case address
  }

  /// The endpoints behind a port, each address once.
  func behind(port: String, transport: TransportProtocol, by order: Order = .text) -> [PlannedEndpoint] {
    let endpoints = merge.endpoints(port: port, transport: transport)
    let sockets =
      switch order {
      case .address: endpoints.keys.sorted()
      case .text: endpoints.keys.map { (socket: $0, text: $0.description) }.sorted { $0.text < $1.text }.map(\.socket)
      }
    return sockets.map { PlannedEndpoint($0, endpoints[$0]!, nodeName: nodeName) }
  }

  /// Addresses of ready endpoints on this node, behind any port. Health-check node ports report their number.
  func localReadyAddresses() -> Set<IPAddress> {
    merge.ports.reduce(into: []) { addresses, port in
      let endpoints = behind(port: port.name, transport: port.transport, by: .address)
      addresses.formUnion(endpoints.lazy.filter { $0.isLocal && $0.isReady }.map(\.socket.address))
    }
  }
}
