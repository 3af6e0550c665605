import IPTables
import ServiceModel

extension ServicePortRules {
  /// Traffic to the cluster IP: to its chain, or refused (no endpoints) or dropped (none on this node).
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

  /// Marks traffic to the cluster IP that has to come back through this node: all of it, or what is not from a pod.
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

  /// Without any endpoint a client shall know at once; if only this node has none it may be asked again elsewhere.
  var missingTarget: Target { selection.hasAny ? .drop : .reject }
  var missingEndpoints: DispatchEntry.Reason { selection.hasAny ? .noLocalEndpoints : .noEndpoints }
}
