import ServiceModel

/// What the health-check node port of a Service reports.
package struct HealthCheck: Sendable, Hashable {
  package let port: UInt16
  /// The number of addresses of ready endpoints on this node.
  package let localEndpoints: Int

  /// nil if the Service has no such port, or no cluster IP in the family.
  init?(of service: Service, slices: [EndpointSlice], options: PlannerOptions) {
    guard let port = service.healthCheckNodePort, !service.ports.isEmpty,
      service.clusterIPs.contains(where: { $0.family == options.family })
    else { return nil }
    self.port = port
    localEndpoints = PlannedEndpoints(nodeName: options.nodeName, slices: slices).localReadyAddresses().count
  }
}

extension ClusterPlan {
  /// The health checks of all Services that have a health-check node port.
  package var healthChecks: [NamespacedName: HealthCheck] {
    snapshot.services.values.reduce(into: [:]) { checks, service in
      guard service.healthCheckNodePort != nil else { return }
      let slices = snapshot.slices(of: service.name, family: family)
      checks[service.name] = HealthCheck(of: service, slices: slices, options: options)
    }
  }
}
