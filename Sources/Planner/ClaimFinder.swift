import IPTables
import ServiceModel

/// Finds in the dispatch tables which Services claim an address, in the order in which packets meet their rules.
struct ClaimFinder {
  let tables: [DispatchChain: DispatchTable]
  let options: PlannerOptions

  /// The kernel translates addresses first. Only packets that it does not translate match rules in the filter table,
  /// where a packet meets KUBE-SERVICES before KUBE-EXTERNAL-SERVICES.
  private static let chains: [DispatchChain] = [.natServices, .natNodePorts, .filterServices, .externalServices]

  /// Whether an entry claims its address. The other entries only accompany a claim.
  static func isClaim(_ entry: DispatchEntry) -> Bool { chains.contains(entry.chain) }

  /// The addresses of this node on which node ports answer, as far as the options name them. If an external IP or a
  /// load-balancer IP equals one of them, its rules can take packets away from a node port.
  private var nodeAddresses: [IPAddress] { options.nodePortAddresses.addresses ?? [options.nodeIP] }

  /// The addresses whose claims a change of this entry can change.
  func addresses(of entry: DispatchEntry) -> [ClaimedAddress] {
    let key = entry.key
    let own = ClaimedAddress(key.address, port: key.port, key.transport)
    guard key.address == nil else { return [own] }
    return [own] + nodeAddresses.map { ClaimedAddress($0, port: key.port, key.transport) }
  }

  /// nil unless two Services or more claim the address.
  func clash(at address: ClaimedAddress) -> AddressClash? {
    let entries = entries(at: address)
    guard let first = entries.first, entries.contains(where: { $0.owner.service != first.owner.service }) else {
      return nil
    }
    var order: [ServicePortName] = []
    var byOwner: [ServicePortName: [DispatchEntry]] = [:]
    for entry in entries {
      if byOwner[entry.owner] == nil { order.append(entry.owner) }
      byOwner[entry.owner, default: []].append(entry)
    }
    let claims = order.compactMap { byOwner[$0].flatMap(ClaimFinder.claim) }
    // If only node ports claim the node's address, the clash is reported for the node port without an address.
    guard address.address == nil || claims.contains(where: { $0.kind != .nodePort }) else { return nil }
    return AddressClash(address: address, claims: claims)
  }

  private func entries(at address: ClaimedAddress) -> [DispatchEntry] {
    var places = [address]
    if let own = address.address, nodeAddresses.contains(own) {
      places.append(ClaimedAddress(nil, port: address.port, address.transport))
    }
    return ClaimFinder.chains.flatMap { chain in places.flatMap { tables[chain]?.entries(at: $0) ?? [] } }
  }

  /// - Parameter entries: the entries of one service port at one address, in order; at least one.
  private static func claim(_ entries: [DispatchEntry]) -> AddressClaim? {
    guard let first = entries.first, let kind = first.kind else { return nil }
    let state: AddressClaim.State =
      switch first.reason {
      case .noEndpoints: .noEndpoints
      case .noLocalEndpoints: .noLocalEndpoints
      default: .served
      }
    var limits: AddressClaim.Limits = []
    if state == .served {
      if case .jump(let chain) = first.target, chain.prefix == .firewall { limits.insert(.sourceRanges) }
      if entries.contains(where: { $0.reason == .noLocalEndpoints && $0.kind == kind }) {
        limits.insert(.noLocalEndpoints)
      }
    }
    return AddressClaim(port: first.owner, kind: kind, state: state, limits: limits)
  }
}

extension ClaimFinder {
  /// Addresses that may be claimed twice, found by a walk over whole tables. The entries of one address are neighbours
  /// in a table. A Service without endpoints stands in other tables than one with endpoints, so all addresses in these
  /// other tables are candidates.
  func candidates() -> Set<ClaimedAddress> {
    var candidates: Set<ClaimedAddress> = []
    let nodeAddresses = Set(nodeAddresses)
    for chain in ClaimFinder.chains {
      let isRefusal = chain == .filterServices || chain == .externalServices
      var last: (address: ClaimedAddress, service: NamespacedName)?
      tables[chain]?.forEachEntry { entry in
        let address = ClaimedAddress(entry.key.address, port: entry.key.port, entry.key.transport)
        let isNodes = entry.key.address.map(nodeAddresses.contains) ?? false
        if isRefusal || isNodes || last.map({ $0.address == address && $0.service != entry.owner.service }) ?? false {
          candidates.insert(address)
        }
        last = (address, entry.owner.service)
      }
    }
    return candidates
  }
}
