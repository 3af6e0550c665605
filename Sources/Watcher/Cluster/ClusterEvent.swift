import ServiceModel

/// What a source (API server, manifest files) reports about the cluster, parsed and validated.
///
/// A `replace…` event carries all objects of one kind: the first list, a relist, or a file that was read again. Objects
/// that were known before and are not in the event no longer exist.
package enum ClusterEvent: Sendable, Equatable {
  case replaceServices([Service])
  case replaceSlices([EndpointSlice])
  case replaceNodes([Node])
  case replaceServiceCIDRs([CIDR])
  case setService(Service)
  case removeService(NamespacedName)
  case setSlice(EndpointSlice)
  case removeSlice(NamespacedName)
  case setNode(Node)
  case removeNode(String)
  /// A state that was saved earlier. It is used instead of the source's objects until the source has sent all of them
  /// once.
  case restore(ClusterSnapshot)
}
