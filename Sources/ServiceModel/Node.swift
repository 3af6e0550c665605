/// The parts of a Node that a service proxy needs.
package struct Node: Hashable, Sendable {
  package var name: String
  /// Label `topology.kubernetes.io/zone`.
  package var zone: String?
  /// Addresses of type InternalIP, then those of type ExternalIP, each in the order of the Node.
  package var addresses: [IPAddress]
  package var podCIDRs: [CIDR]
  /// Whether the Node has the taint `ToBeDeletedByClusterAutoscaler` or a deletion timestamp. Load balancers should
  /// then send it no new traffic (KEP-3836).
  package var isBeingDeleted: Bool
  /// For events that refer to the Node.
  package var uid: String

  package init(
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
