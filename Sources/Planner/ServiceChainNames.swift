import IPTables
import ServiceModel

/// Names of one service port's chains. Each name is hashed when it is first needed, because most ports use only a few.
final class ServiceChainNames {
  private let port: ServicePortName
  private var endpoints: [SocketAddress: ChainName] = [:]

  private(set) lazy var cluster = ChainNaming.chain(.cluster, of: port)
  private(set) lazy var local = ChainNaming.chain(.local, of: port)
  private(set) lazy var external = ChainNaming.chain(.external, of: port)
  private(set) lazy var firewall = ChainNaming.chain(.firewall, of: port)

  init(_ port: ServicePortName) { self.port = port }

  func endpoint(_ endpoint: PlannedEndpoint) -> ChainName {
    if let known = endpoints[endpoint.socket] { return known }
    let name = ChainNaming.endpoint(endpoint.text, of: port)
    endpoints[endpoint.socket] = name
    return name
  }
}
