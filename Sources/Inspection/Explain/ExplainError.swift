import ServiceModel

/// Why a question cannot be answered.
package enum ExplainError: Error, Hashable, Sendable, CustomStringConvertible {
  case noSuchService(NamespacedName)
  /// The Service has no cluster IP in this family.
  case noClusterIP(NamespacedName, IPFamily)
  case noSuchPort(NamespacedName, String, known: [String])
  case otherFamily(IPAddress, IPFamily)
  case unknownPods
  /// The sender is this node, and no address of it is known.
  case unknownHost
  /// The destination is a node port, and no address of this node is known.
  case unknownNodeAddress
  /// The destination is a node port, and `nodePortAddresses` covers no address of this node.
  case noNodePortAddress

  package var description: String { advice.map { "\(reason): \($0)" } ?? reason }

  /// Why there is no answer.
  package var reason: String {
    switch self {
    case .noSuchService(let name): "there is no Service \(name) with a cluster IP"
    case .noClusterIP(let name, let family): "Service \(name) has no \(family.rawValue) cluster IP"
    case .noSuchPort(let name, let port, let known):
      "Service \(name) has no port \(port); it has \(known.joined(separator: ", "))"
    case .otherFamily(let address, let family): "\(address) is not an \(family.rawValue) address"
    case .unknownPods: "the addresses of pods are not known"
    case .unknownHost, .unknownNodeAddress: "no address of this node is known"
    case .noNodePortAddress: "nodePortAddresses covers no address of this node that is known"
    }
  }

  /// What the reader can do to get an answer.
  package var advice: String? {
    switch self {
    case .noSuchService, .noClusterIP, .noSuchPort, .otherFamily: nil
    case .unknownPods: "give an address with --from"
    case .unknownHost: "give one with --interface-address or --from"
    case .unknownNodeAddress, .noNodePortAddress: "give one with --interface-address"
    }
  }
}
