import IPTables
import ServiceModel

extension ServicePortRules {
  func nodePortDispatch() -> [DispatchEntry] {
    guard let nodePort = port.nodePort else { return [] }
    var entries: [DispatchEntry] = []
    if selection.hasAny {
      // This rule only counts packets, so it is written only if the kernel has accounting.
      if options.acceptsLocalhostNodePorts && options.features.accounting {
        entries.append(
          entry(.natNodePorts, .localhostNodePort, to: nil, port: nodePort, as: .nodePort, .jump(externalChain)))
      }
      entries.append(entry(.natNodePorts, .nodePort, to: nil, port: nodePort, as: .nodePort, .jump(externalChain)))
    }
    if !hasExternalEndpoints {
      entries.append(entry(.externalServices, missingEndpoints, to: nil, port: nodePort, as: .nodePort, missingTarget))
    }
    return entries
  }

  /// Load balancers must reach the health-check node port even if the host's firewall would drop their packets, whether
  /// or not there are local endpoints.
  func healthCheckDispatch() -> [DispatchEntry] {
    guard let healthCheck = port.healthCheckNodePort else { return [] }
    return [
      DispatchEntry(
        .healthCheckNodePorts, .healthCheckNodePort, to: nil, port: healthCheck, of: port.name, as: nil,
        transport: .tcp,
        .accept)
    ]
  }
}
