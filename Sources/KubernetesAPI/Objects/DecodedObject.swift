import ServiceModel

/// Why an object does not concern a service proxy. None of these reasons is an error.
package enum IgnoreReason: Hashable, Sendable {
  /// `spec.clusterIP` is `None`.
  case headless
  /// No cluster IP has been allocated.
  case noClusterIP
  /// `spec.type` is `ExternalName`.
  case externalName
  /// The label `service.kubernetes.io/service-proxy-name` assigns the Service to another proxy (KEP-2447).
  case otherServiceProxy(String)
  /// A slice with the label `service.kubernetes.io/headless`.
  case headlessSlice
  /// A slice with `addressType: FQDN` or an unknown address type.
  case addressType(String)
  /// A slice without the label `kubernetes.io/service-name`.
  case noServiceName
  /// A slice whose label `kubernetes.io/service-name` is not a valid name of a Service.
  case noSuchService(String)
  /// A ServiceCIDR whose condition Ready is not True, because it is new or is being deleted.
  case notReady
  /// An object of a kind or API version that is not read.
  case otherKind(apiVersion: String)
}

extension IgnoreReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .headless: "headless (spec.clusterIP is None)"
    case .noClusterIP: "no cluster IP"
    case .externalName: "type ExternalName"
    case .otherServiceProxy(let name):
      "label service.kubernetes.io/service-proxy-name says that \(name.quoted) handles it"
    case .headlessSlice: "label service.kubernetes.io/headless"
    case .addressType(let type): "addressType \(type.quoted)"
    case .noServiceName: "no label kubernetes.io/service-name"
    case .noSuchService(let name): "label kubernetes.io/service-name: \(name.quoted) is not a valid name of a Service"
    case .notReady: "condition Ready is not True"
    case .otherKind(let apiVersion): "a kind that is not read (apiVersion \(apiVersion.quoted))"
    }
  }
}

/// The result of decoding an object: a validated value of the model, or the reason why the object is ignored.
package struct DecodedObject: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case service(Service)
    case endpointSlice(EndpointSlice)
    case node(Node)
    /// The CIDRs of a ServiceCIDR (KEP-1880).
    case serviceCIDR([CIDR])
    case ignored(IgnoreReason)

    /// Stores remarks in the value that they are about.
    mutating func note(_ remarks: [String]) {
      guard !remarks.isEmpty else { return }
      switch self {
      case .service(var service):
        service.remarks = remarks
        self = .service(service)
      case .endpointSlice(var slice):
        slice.remarks = remarks
        self = .endpointSlice(slice)
      case .node, .serviceCIDR, .ignored: break
      }
    }
  }

  package var source: ObjectSource
  package var reference: ObjectReference
  /// `metadata.resourceVersion`; empty in files written by hand.
  package var resourceVersion: String
  package var content: Content
  package var warnings: [ObjectWarning]
  /// External IPs of a Service that is ignored.
  var unservedAddresses: [IPAddress] = []

  /// The validated namespace and name; nil for objects without a namespace.
  package var namespacedName: NamespacedName? {
    NamespacedName(namespace: reference.namespace, name: reference.name)
  }
}
