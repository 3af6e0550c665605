import ServiceModel

/// The CIDR blocks of cluster IPs, and where they are configured.
package enum ServiceSubnets: Hashable, Sendable {
  /// The blocks are not configured. Packets to a cluster IP that belongs to no Service are then routed normally.
  case unknown
  /// `--service-subnet`.
  case flag([CIDR])
  /// kubeadm's `networking.serviceSubnet` in the configuration file.
  case kubeadm([CIDR])
  /// `--service-subnet auto`: the cluster's ServiceCIDR objects (KEP-1880), which are watched for changes.
  case cluster

  /// The blocks for a state of the cluster. Configured blocks are returned as they are. The blocks of ServiceCIDR
  /// objects are sorted, and a block inside another block is left out because it adds nothing.
  package func blocks(in snapshot: ClusterSnapshot) -> [CIDR] {
    switch self {
    case .unknown: []
    case .flag(let blocks), .kubeadm(let blocks): blocks
    case .cluster:
      snapshot.serviceCIDRs.filter { block in
        !snapshot.serviceCIDRs.contains {
          $0.prefixLength < block.prefixLength && $0.contains(block.address)
        }
      }.sorted()
    }
  }

  /// The blocks and their origin, such as `10.96.0.0/12 (--service-subnet)`. Empty if they are not configured.
  package func text(in snapshot: ClusterSnapshot) -> String {
    let blocks = blocks(in: snapshot).map(\.description).joined(separator: ",")
    return switch self {
    case .unknown: ""
    case .flag: "\(blocks) (--service-subnet)"
    case .kubeadm: "\(blocks) (networking.serviceSubnet of the configuration file)"
    case .cluster: "\(blocks.isEmpty ? "none" : blocks) (the cluster's ServiceCIDR objects)"
    }
  }
}
