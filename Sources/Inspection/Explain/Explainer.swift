import IPTables
import Planner
import ServiceModel

/// Something that cannot be explained as it was asked for.
public enum ExplainError: Error, Hashable, Sendable, CustomStringConvertible {
  case noSuchService(NamespacedName)
  case noSuchPort(NamespacedName, String, known: [String])
  case otherFamily(IPAddress, IPFamily)
  case unknownPods
  case unknownHost

  public var description: String {
    switch self {
    case .noSuchService(let name): "there is no Service \(name) with a cluster IP"
    case .noSuchPort(let name, let port, let known):
      "Service \(name) has no port \(port); it has \(known.joined(separator: ", "))"
    case .otherFamily(let address, let family): "\(address) is not an \(family.rawValue) address"
    case .unknownPods: "nothing tells which addresses pods have: give an address with --from"
    case .unknownHost: "nothing tells an address of this node: give one with --interface-address or --from"
    }
  }
}

/// Answers where packets go, in one scene.
public struct Explainer: Sendable {
  public let scene: Scene

  public init(_ scene: Scene) { self.scene = scene }

  /// What becomes of a packet to an address.
  public func explain(
    from vantage: Vantage, to destination: SocketAddress, _ transport: TransportProtocol
  ) throws(ExplainError) -> Explanation {
    guard destination.address.family == scene.family else { throw .otherFamily(destination.address, scene.family) }
    let subject = scene.subject(destination, transport)
    return try explain(from: vantage, to: destination, transport, subject: subject)
  }

  /// The addresses of a Service that packets can be sent to, one explanation each.
  ///
  /// - Parameters:
  ///   - port: name or number of a port; nil for all.
  ///   - all: every address; otherwise the cluster IP only.
  public func explain(
    from vantage: Vantage, toService service: NamespacedName, port: String? = nil, all: Bool = false
  ) throws(ExplainError) -> [Explanation] {
    let addresses = scene.addresses(of: service)
    guard !addresses.isEmpty else { throw .noSuchService(service) }
    let ofPort = addresses.filter { port == nil || $0.label.port == port || String($0.port) == port }
    guard !ofPort.isEmpty else {
      let known = Set(addresses.map { $0.label.port.isEmpty ? String($0.port) : $0.label.port }).sorted()
      throw .noSuchPort(service, port ?? "", known: known)
    }
    let wanted = all ? ofPort : ofPort.filter { $0.kind == .clusterIP }
    var explanations: [Explanation] = []
    for address in wanted.isEmpty ? ofPort : wanted {
      guard let destination = try destination(of: address) else { continue }
      explanations.append(
        try explain(from: vantage, to: destination, address.transport, subject: address))
    }
    return explanations
  }

  /// Where to send packets for an address; nil where a node port has no address known here.
  private func destination(of address: ServiceAddress) throws(ExplainError) -> SocketAddress? {
    if let known = address.address { return SocketAddress(known, port: address.port) }
    if let options = scene.options, case .only(let addresses, loopback: _) = options.nodePortAddresses,
      address.kind == .nodePort
    {
      return addresses.first { !$0.isLoopback }.map { SocketAddress($0, port: address.port) }
    }
    guard let own = scene.nodeAddress else { throw .unknownHost }
    return SocketAddress(own, port: address.port)
  }

  private func explain(
    from vantage: Vantage, to destination: SocketAddress, _ transport: TransportProtocol, subject: ServiceAddress?
  ) throws(ExplainError) -> Explanation {
    let sender: Sender
    do throws(Sender.Failure) {
      sender = try Sender(vantage, in: scene, to: destination.address)
    } catch {
      switch error {
      case .otherFamily(let address): throw .otherFamily(address, scene.family)
      case .unknownPods: throw .unknownPods
      case .unknownHost: throw .unknownHost
      }
    }
    let packet = Packet(from: sender.address, to: destination, transport, origin: sender.origin)
    return ExplanationBuilder(scene: scene, packet: packet, subject: subject, sender: sender.role).explanation
  }
}

extension Scene {
  /// The Service address that this is.
  func subject(_ destination: SocketAddress, _ transport: TransportProtocol) -> ServiceAddress? {
    func isSame(_ address: ServiceAddress) -> Bool {
      address.port == destination.port && address.transport == transport
    }
    if let exact = index.addresses.first(where: { $0.address == destination.address && isSame($0) }) { return exact }
    guard host.isLocal(destination.address) else { return nil }
    return index.addresses.first { $0.address == nil && isSame($0) }
  }
}
