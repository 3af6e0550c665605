import IPTables

/// One of several targets among which packets are spread at random.
struct EndpointShare {
  let target: Target
  /// How many endpoints stand behind it: its share is this over the sum of all.
  var weight = 1
  /// In front of the chance of the rule.
  var label: [Match] = []
  /// Behind the chance of the rule, so that the kernel looks at them only where chance has decided for it.
  var conditions: [Match] = []
  /// Evenly distributed bits that decide on an endpoint's groups, the same in every process.
  var spread: UInt64 = 0

  /// Rules that give each target its share. Each takes its part of what the rules before it have left over.
  static func rules(_ shares: [EndpointShare]) -> [Rule] {
    var remaining = shares.reduce(0) { $0 + $1.weight }
    return shares.map { share in
      let probability: [Match] =
        share.weight < remaining ? [.statistic(Probability(share.weight, of: remaining))] : []
      remaining -= share.weight
      return Rule(share.label + probability + share.conditions, share.target)
    }
  }
}

/// Many endpoints in two or three steps, so that a packet meets a few dozen rules and not half as many as there are.
///
/// A hash of the endpoint decides on its groups, so that an endpoint more or less changes one group of each step only.
struct EndpointGroups {
  struct Group {
    let name: ChainName
    /// Its endpoints.
    let shares: [EndpointShare]
    /// The groups among which it chooses first; nil if it chooses among its endpoints.
    let groups: EndpointGroups?
  }

  /// Those that have members, in order.
  let members: [Group]

  /// Up to this many endpoints are chosen among directly, as kube-proxy does.
  static let bound = 64
  /// Above this many one more step costs less than the rules it saves.
  static let twoStepBound = 256
  /// Groups of up to this many are not divided further.
  private static let smallest = 12

  /// - Parameter steps: how many groups a packet may go through, 1 or 2: what the kernel takes of nested jumps is shared
  ///   with the chains before.
  init(of shares: [EndpointShare], in parent: ChainName, steps: Int) {
    self.init(
      of: shares, in: parent, from: 0,
      bits: EndpointGroups.bits(shares.count, steps: shares.count > EndpointGroups.twoStepBound ? steps : 1)[...])
  }

  /// Among how many groups, as a power of two, each step chooses: about as many as there are endpoints to choose among in
  /// the end, rather more of them first. Every packet meets the first step's rules, so they stay in the processor's caches.
  private static func bits(_ count: Int, steps: Int) -> [Int] {
    let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
    return steps > 1 ? [(bits + 2) / 3, (bits + 1) / 3] : [(bits + 1) / 2]
  }

  /// - Parameter first: how many bits of the hash have been used by the steps before.
  private init(of shares: [EndpointShare], in parent: ChainName, from first: Int, bits: ArraySlice<Int>) {
    let (width, rest) = (bits.first ?? 0, bits.dropFirst())
    let mask = 1 << width - 1
    let grouped = Dictionary(grouping: shares) { Int($0.spread >> UInt64(64 - first - width)) & mask }
    members = grouped.sorted { $0.key < $1.key }.map { index, shares in
      let prefix = parent.prefix ?? .cluster
      let name = ChainNaming.derived(prefix, "group", parent.description, "\(index) of \(1 << width)")
      let isDivided = !rest.isEmpty && shares.count > EndpointGroups.smallest
      return Group(
        name: name, shares: shares,
        groups: isDivided ? EndpointGroups(of: shares, in: name, from: first + width, bits: rest) : nil)
    }
  }

  /// The rules that choose one of the groups.
  func rules(_ comment: [Match]) -> [Rule] {
    EndpointShare.rules(
      members.map { EndpointShare(target: .jump($0.name), weight: $0.shares.count, label: comment) })
  }

  /// The chains of all groups.
  func chains(_ comment: [Match]) -> [Chain] {
    members.flatMap { group in
      guard let groups = group.groups else {
        return [Chain(.nat, group.name, rules: EndpointShare.rules(group.shares))]
      }
      return [Chain(.nat, group.name, rules: groups.rules(comment))] + groups.chains(comment)
    }
  }
}
