import IPTables
import ServiceModel

/// An address and port that leads to a Service.
package struct ServiceAddress: Hashable, Sendable, Comparable {
  package enum Kind: Int, Hashable, Sendable, Comparable {
    case clusterIP, externalIP, loadBalancerIP, nodePort, healthCheckNodePort

    package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }

    package var name: String {
      switch self {
      case .clusterIP: "cluster IP"
      case .externalIP: "external IP"
      case .loadBalancerIP: "load-balancer IP"
      case .nodePort: "node port"
      case .healthCheckNodePort: "health-check node port"
      }
    }
  }

  package let label: ServiceLabel
  package let kind: Kind
  /// nil for node ports, which are open on several addresses of the node.
  package let address: IPAddress?
  package let port: UInt16
  package let transport: TransportProtocol

  package static func < (left: ServiceAddress, right: ServiceAddress) -> Bool {
    if left.label != right.label { return left.label < right.label }
    if left.kind != right.kind { return left.kind < right.kind }
    if left.address != right.address {
      guard let one = left.address else { return true }
      guard let other = right.address else { return false }
      return one < other
    }
    return (left.port, left.transport) < (right.port, right.transport)
  }

  /// The address that a dispatch rule is for; nil for other rules.
  init?(_ rule: Rule, in chain: ChainKey) {
    guard let label = ServiceLabel(commentOf: rule), let comment = rule.comment else { return nil }
    var address: IPAddress?
    var port: UInt16?
    var transport: TransportProtocol?
    for match in rule.matches {
      switch match {
      case .destination(let destination, negated: false):
        guard destination.cidr.isHost else { return nil }
        address = destination.cidr.address
      case .destinationPort(let ports): port = ports.count == 1 ? ports.lowerBound : nil
      case .transport(let known): transport = known
      case .source, .statistic, .recentCheck, .recentSet: return nil
      default: break
      }
    }
    guard let port, let transport else { return nil }
    self.label = label
    self.address = address
    self.port = port
    self.transport = transport
    kind = ServiceAddress.kind(comment, address)
  }

  init(_ label: ServiceLabel, _ kind: Kind, _ address: IPAddress?, _ port: UInt16, _ transport: TransportProtocol) {
    self.label = label
    self.kind = kind
    self.address = address
    self.port = port
    self.transport = transport
  }

  private static func kind(_ comment: String, _ address: IPAddress?) -> Kind {
    if comment.hasSuffix("health check node port") { return .healthCheckNodePort }
    if address == nil { return .nodePort }
    if comment.hasSuffix("external IP") { return .externalIP }
    if comment.hasSuffix("loadbalancer IP") || comment.contains("traffic not accepted") { return .loadBalancerIP }
    return .clusterIP
  }
}
