import IPTables
import Planner
import ServiceModel

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

  func explain(
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
