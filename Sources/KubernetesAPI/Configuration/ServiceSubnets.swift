public import ServiceModel

/// The blocks that cluster IPs come from, and who says so.
public enum ServiceSubnets: Hashable, Sendable {
  /// Nobody says: packets to cluster IPs that no Service has go their way.
  case unknown
  /// `--service-subnet`.
  case flag([CIDR])
  /// kubeadm's `networking.serviceSubnet` in the configuration file.
  case kubeadm([CIDR])
  /// `--service-subnet auto`: the cluster's ServiceCIDR objects (KEP-1880), followed as they change.
  case cluster

  /// The blocks for a state of the cluster, in order. One that lies in another adds nothing and is left out.
  public func blocks(in snapshot: ClusterSnapshot) -> [CIDR] {
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

  /// The blocks and where they came from, as `10.96.0.0/12 (--service-subnet)`; empty where nobody says.
  public func text(in snapshot: ClusterSnapshot) -> String {
    let blocks = blocks(in: snapshot).map(\.description).joined(separator: ",")
    return switch self {
    case .unknown: ""
    case .flag: "\(blocks) (--service-subnet)"
    case .kubeadm: "\(blocks) (networking.serviceSubnet of the configuration file)"
    case .cluster: "\(blocks.isEmpty ? "none" : blocks) (the cluster's ServiceCIDR objects)"
    }
  }
}
