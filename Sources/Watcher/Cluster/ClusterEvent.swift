import ServiceModel

/// What a source (API server, manifest files) tells of the cluster, parsed and checked.
///
/// The `replace…` events carry everything of one kind: the first list, a relist, a file that was read anew. What was
/// known before and is not in them is gone.
public enum ClusterEvent: Sendable, Equatable {
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
  /// The state of an earlier time. It stands in for what the source tells until the source has told everything once.
  case restore(ClusterSnapshot)
}
