public import ServiceModel

/// Why an object is none of a service proxy's business. None of these is an error.
public enum IgnoreReason: Hashable, Sendable {
  /// `spec.clusterIP` is `None`.
  case headless
  /// No cluster IP has been allocated.
  case noClusterIP
  /// `spec.type` is `ExternalName`.
  case externalName
  /// Label `service.kubernetes.io/service-proxy-name`: another proxy's Service (KEP-2447).
  case otherServiceProxy(String)
  /// A slice with the label `service.kubernetes.io/headless`.
  case headlessSlice
  /// A slice with `addressType: FQDN`, or one that is not known.
  case addressType(String)
  /// A slice without the label `kubernetes.io/service-name`.
  case noServiceName
  /// A slice whose label `kubernetes.io/service-name` holds what cannot be a Service's name.
  case noSuchService(String)
  /// A ServiceCIDR whose condition Ready is not True: it is new, or on its way out.
  case notReady
  /// An object of a kind or a version that is not read.
  case otherKind(apiVersion: String)
}

extension IgnoreReason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .headless: "headless (spec.clusterIP is None)"
    case .noClusterIP: "no cluster IP"
    case .externalName: "type ExternalName"
    case .otherServiceProxy(let name):
      "label service.kubernetes.io/service-proxy-name says that \(name.quoted) handles it"
    case .headlessSlice: "label service.kubernetes.io/headless"
    case .addressType(let type): "addressType \(type.quoted)"
    case .noServiceName: "no label kubernetes.io/service-name"
    case .noSuchService(let name): "label kubernetes.io/service-name: \(name.quoted) is no name of a Service"
    case .notReady: "condition Ready is not True"
    case .otherKind(let apiVersion): "a kind that is not read (apiVersion \(apiVersion.quoted))"
    }
  }
}

/// An object as far as a service proxy is concerned: a checked value of the model, or the reason why it is ignored.
public struct DecodedObject: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    case service(Service)
    case endpointSlice(EndpointSlice)
    case node(Node)
    /// The CIDRs of a ServiceCIDR (KEP-1880).
    case serviceCIDR([CIDR])
    case ignored(IgnoreReason)

    /// Keeps remarks with the value that they are about.
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

  public var source: ObjectSource
  public var reference: ObjectReference
  /// `metadata.resourceVersion`, empty in files written by hand.
  public var resourceVersion: String
  public var content: Content
  public var warnings: [ObjectWarning]
  /// External IPs of a Service that is ignored.
  public var unservedAddresses: [IPAddress] = []

  /// Namespace and name, for objects that have both, checked.
  public var namespacedName: NamespacedName? {
    NamespacedName(namespace: reference.namespace, name: reference.name)
  }
}
