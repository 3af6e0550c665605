import IPTables

/// One of several targets among which packets are spread at random.
struct EndpointShare {
  let target: Target
  /// The number of endpoints behind the target. The target's share is this number divided by the sum of all weights.
  var weight = 1
  /// Matches before the probability match.
  var label: [Match] = []
  /// Matches after the probability match, so that the kernel evaluates them only if the probability match is true.
  var conditions: [Match] = []
  /// Evenly distributed bits that assign an endpoint to its groups. They are the same in every process.
  var spread: UInt64 = 0

  /// Rules that give each target its share. Each rule takes its part of the packets that the rules before it left over.
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

/// Chooses among many endpoints in two or three steps. A packet then meets a few dozen rules. In one list it would meet
/// half as many rules as there are endpoints, on average.
///
/// A hash assigns each endpoint to its groups, so adding or removing an endpoint changes only one group of each step,
/// unless the number of groups changes.
struct EndpointGroups {
  struct Group {
    let name: ChainName
    /// Its endpoints.
    let shares: [EndpointShare]
    /// The smaller groups that it chooses among; nil if it chooses among its endpoints directly.
    let groups: EndpointGroups?
  }

  /// The groups that have endpoints, in order.
  let members: [Group]

  /// Up to this many endpoints, the rules choose an endpoint directly, as kube-proxy's rules do.
  static let bound = 64
  /// Above this many endpoints, one more step costs less than the rules that it saves.
  static let twoStepBound = 256
  /// Groups with up to this many endpoints are not divided further.
  private static let smallest = 12

  /// - Parameter steps: how many groups a packet may pass, 1 or 2. The kernel limits nested jumps, and the chains
  ///   before use some of them.
  init(of shares: [EndpointShare], in parent: ChainName, steps: Int) {
    self.init(
      of: shares, in: parent, from: 0,
      bits: EndpointGroups.bits(shares.count, steps: shares.count > EndpointGroups.twoStepBound ? steps : 1)[...])
  }

  /// The number of groups of each step, as a power of two. Each step, and the final choice of an endpoint, has about
  /// the same number of rules. If they cannot be equal, the first step has more: every packet meets its rules, so they
  /// stay in the processor's caches.
  private static func bits(_ count: Int, steps: Int) -> [Int] {
    let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
    return steps > 1 ? [(bits + 2) / 3, (bits + 1) / 3] : [(bits + 1) / 2]
  }

  /// - Parameter first: the number of bits of the hash that earlier steps used.
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
