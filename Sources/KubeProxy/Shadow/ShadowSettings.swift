import KubernetesAPI
import ServiceModel

/// How the daemon shadows another proxy: it plans the rules, compares them with the kernel's, and writes nothing.
package struct ShadowSettings: Sendable {
  /// How long the other proxy may take to write a change.
  package var delay: Duration

  package init(delay: Duration) { self.delay = delay }

  /// The other proxy uses the configured ports. The shadow adds this number to them.
  static let portDistance: UInt16 = 100

  /// The address at which the shadow serves what another proxy serves at `address`; nil if there is no such port.
  static func address(beside address: SocketAddress) -> SocketAddress? {
    let (port, isOverflow) = address.port.addingReportingOverflow(portDistance)
    return isOverflow ? nil : SocketAddress(address.address, port: port)
  }
}
