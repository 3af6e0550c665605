import IPTables
import ServiceModel

extension ServicePortRules {
  /// Sends traffic for the cluster IP to its chain. Rejects it if there are no endpoints, or drops it if only this node
  /// has none.
  func clusterIPDispatch() -> [DispatchEntry] {
    if hasInternalEndpoints {
      return [
        entry(.natServices, .clusterIP, to: port.clusterIP, port: port.port, as: .clusterIP, .jump(internalChain))
      ]
    }
    return [
      entry(.filterServices, missingEndpoints, to: port.clusterIP, port: port.port, as: .clusterIP, missingTarget)
    ]
  }

  /// Marks traffic for the cluster IP that must come back through this node: all of it, or only traffic that is not
  /// from a pod.
  func clusterIPMasquerade() -> Rule? {
    let locality: [Match]
    if options.masqueradeAll {
      locality = []
    } else if let ifNotLocal = options.localTraffic.ifNotLocal {
      locality = [ifNotLocal]
    } else {
      return nil
    }
    return Rule(
      [
        comment("\(port.name) cluster IP"), .transport(port.name.transport), .destination(.host(port.clusterIP)),
        .destinationPort(port.port...port.port),
      ] + locality, .jump(.markMasquerade))
  }

  func entry(
    _ chain: DispatchChain, _ reason: DispatchEntry.Reason, to address: IPAddress?, port number: UInt16,
    as kind: AddressClaim.Kind, _ target: Target
  ) -> DispatchEntry {
    DispatchEntry(chain, reason, to: address, port: number, of: port.name, as: kind, target)
  }

  /// If the Service has no endpoint at all, the client should know at once. If only this node has none, the packet is
  /// dropped, because a retry may arrive at another node.
  var missingTarget: Target { selection.hasAny ? .drop : .reject }
  var missingEndpoints: DispatchEntry.Reason { selection.hasAny ? .noLocalEndpoints : .noEndpoints }
}
