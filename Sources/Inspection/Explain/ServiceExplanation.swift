import IPTables
import Planner
import ServiceModel

/// Explanations for the addresses of one Service.
package struct ServiceExplanation: Sendable {
  package var explanations: [Explanation] = []
  package var unexplained: [UnexplainedAddress] = []

  package init() {}

  package static func += (left: inout Self, right: Self) {
    left.explanations += right.explanations
    left.unexplained += right.unexplained
  }
}

/// An address of a Service that cannot be explained, because something about the node is not known.
package struct UnexplainedAddress: Hashable, Sendable {
  package let subject: ServiceAddress
  package let family: IPFamily
  package let error: ExplainError
}

extension Explainer {
  /// Explains each address of a Service.
  ///
  /// - Parameters:
  ///   - port: name or number of a port; nil for all.
  ///   - all: whether to explain every address, or only the cluster IP.
  /// - Throws: `noSuchService`, `noClusterIP` or `noSuchPort`. Errors that concern one address are in the result.
  package func explain(
    from vantage: Vantage, toService service: NamespacedName, port: String? = nil, all: Bool = false
  ) throws(ExplainError) -> ServiceExplanation {
    let addresses = scene.addresses(of: service)
    guard !addresses.isEmpty else {
      throw scene.snapshot?.services[service] == nil ? .noSuchService(service) : .noClusterIP(service, scene.family)
    }
    let ofPort = addresses.filter { port == nil || $0.label.port == port || String($0.port) == port }
    guard !ofPort.isEmpty else {
      let known = Set(addresses.map { $0.label.port.isEmpty ? String($0.port) : $0.label.port }).sorted()
      throw .noSuchPort(service, port ?? "", known: known)
    }
    let wanted = all ? ofPort : ofPort.filter { $0.kind == .clusterIP }
    var result = ServiceExplanation()
    for address in wanted.isEmpty ? ofPort : wanted {
      do throws(ExplainError) {
        let destination = try destination(of: address, for: vantage)
        result.explanations.append(
          try explain(from: vantage, to: destination, address.transport, subject: address))
      } catch {
        result.unexplained.append(UnexplainedAddress(subject: address, family: scene.family, error: error))
      }
    }
    return result
  }

  /// The destination of a packet for an address; for a node port it includes an address of this node.
  private func destination(of address: ServiceAddress, for vantage: Vantage) throws(ExplainError) -> SocketAddress {
    if let known = address.address { return SocketAddress(known, port: address.port) }
    if let options = scene.options, case .only(let addresses, loopback: _) = options.nodePortAddresses,
      address.kind == .nodePort
    {
      let usable = addresses.first { !$0.isLoopback } ?? (vantage == .host ? addresses.first : nil)
      guard let usable else { throw .noNodePortAddress }
      return SocketAddress(usable, port: address.port)
    }
    guard let own = scene.nodeAddress else { throw .unknownNodeAddress }
    return SocketAddress(own, port: address.port)
  }
}
