import IPTables

/// One of several targets among which packets are spread at random.
struct EndpointShare {
  let target: ChainName
  /// How many endpoints stand behind it: its share is this over the sum of all.
  let weight: Int
  let comment: [Match]

  /// Rules that give each target its share. Each takes its part of what the rules before it have left over.
  static func rules(_ shares: [EndpointShare]) -> [Rule] {
    var remaining = shares.reduce(0) { $0 + $1.weight }
    return shares.map { share in
      let probability: [Match] =
        share.weight < remaining ? [.statistic(Probability(share.weight, of: remaining))] : []
      remaining -= share.weight
      return Rule(share.comment + probability, .jump(share.target))
    }
  }
}

/// Many endpoints in two steps: a packet meets as many rules as the square root of their number, not half of it.
///
/// The hash in an endpoint's chain name decides on its group, so that an endpoint more or less changes one group only.
struct EndpointGroups {
  struct Group {
    let name: ChainName
    let shares: [EndpointShare]
  }

  /// Those that have members, in order.
  let members: [Group]

  /// Up to this many endpoints are chosen among directly, as kube-proxy does.
  static let bound = 64

  init(of shares: [EndpointShare], in parent: ChainName) {
    // The power of two next to the square root.
    let bits = (Int.bitWidth - (shares.count - 1).leadingZeroBitCount + 1) / 2
    let grouped = Dictionary(grouping: shares) { $0.target.hash.map { $0.leadingBits(bits) } ?? 0 }
    members = grouped.sorted { $0.key < $1.key }.map { index, shares in
      let prefix = parent.prefix ?? .cluster
      let name = ChainNaming.derived(prefix, "group", parent.description, "\(index) of \(1 << bits)")
      return Group(name: name, shares: shares)
    }
  }
}
