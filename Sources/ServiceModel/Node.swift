/// The parts of a Node that a service proxy needs.
public struct Node: Hashable, Sendable {
  public var name: String
  /// Label `topology.kubernetes.io/zone`.
  public var zone: String?
  /// Addresses of type InternalIP, then those of type ExternalIP, each in the order of the Node.
  public var addresses: [IPAddress]
  public var podCIDRs: [CIDR]
  /// Whether the Node has the taint `ToBeDeletedByClusterAutoscaler` or a deletion timestamp. Load balancers should
  /// then send it no new traffic (KEP-3836).
  public var isBeingDeleted: Bool
  /// For events that refer to the Node.
  public var uid: String

  public init(
    name: String, zone: String? = nil, addresses: [IPAddress] = [], podCIDRs: [CIDR] = [],
    isBeingDeleted: Bool = false, uid: String = ""
  ) {
    self.name = name
    self.zone = zone
    self.addresses = addresses
    self.podCIDRs = podCIDRs
    self.isBeingDeleted = isBeingDeleted
    self.uid = uid
  }
}
