import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// Explains where packets go in one scene.
package struct Explainer: Sendable {
  package let scene: Scene

  package init(_ scene: Scene) { self.scene = scene }

  /// Explains what the rules do to a packet that is sent to an address.
  package func explain(
    from vantage: Vantage, to destination: SocketAddress, _ transport: TransportProtocol
  ) throws(ExplainError) -> Explanation {
    guard destination.address.family == scene.family else { throw .otherFamily(destination.address, scene.family) }
    return try explain(from: vantage, to: destination, transport, subject: nil)
  }

  /// - Parameter subject: the Service address that is asked about; nil takes the one that the packet goes to.
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
