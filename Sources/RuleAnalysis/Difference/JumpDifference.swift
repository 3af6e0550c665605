import IPTables

/// Compares the rules of a built-in chain that jump to the service proxy's chains. It also reports what stands before
/// them.
struct JumpDifference {
  private(set) var items: [DifferenceItem] = []

  /// - Parameters:
  ///   - jumps: the rules that should be in the chain, in order.
  ///   - actual: all rules of the chain.
  init(chain: ChainKey, jumps: [Rule], actual: [Rule]) {
    guard !jumps.isEmpty else {
      addExtra(chain, actual.enumerated().filter { $0.element.leadsToServiceProxy }.map { ($0.offset, $0.element) })
      return
    }
    let rules = actual.map(\.canonical)
    let wanted = jumps.map(\.canonical)
    var found: [(jump: Int, place: Int)] = []
    for (number, jump) in wanted.enumerated() {
      let places = rules.indices.filter { rules[$0] == jump }
      guard let first = places.first else {
        items.append(DifferenceItem(chain, .missingJump(jump)))
        continue
      }
      if !jump.mayStandAnywhere { found.append((number, first)) }
      items += places.dropFirst().map { DifferenceItem(chain, .repeatedJump(jump, at: $0)) }
    }
    addExtra(
      chain,
      rules.enumerated().filter { $0.element.leadsToServiceProxy && !wanted.contains($0.element) }.map {
        ($0.offset, $0.element)
      })
    addMoved(chain, found, wanted)
    if let last = found.max(by: { $0.place < $1.place }) {
      for place in 0..<last.place where !rules[place].leadsToServiceProxy {
        let next = found.filter { $0.place > place }.min { $0.place < $1.place } ?? last
        items.append(DifferenceItem(chain, .foreignRuleBeforeJump(rules[place], at: place, jump: wanted[next.jump])))
      }
    }
  }

  private mutating func addExtra(_ chain: ChainKey, _ rules: [(Int, Rule)]) {
    items += rules.map { DifferenceItem(chain, .extraRule($0.1, at: $0.0)) }
  }

  /// Checks the order of the proxy's jumps. The order matters: the jump to the chain that checks load-balancer source
  /// ranges must stand before a jump to a chain that accepts the packet.
  private mutating func addMoved(_ chain: ChainKey, _ found: [(jump: Int, place: Int)], _ wanted: [Rule]) {
    let order = found.sorted { $0.place < $1.place }.map(\.jump)
    for change in found.map(\.jump).difference(from: order).inferringMoves() {
      guard case .insert(_, let jump, _?) = change, let one = found.first(where: { $0.jump == jump }),
        let to = found.firstIndex(where: { $0.jump == jump })
      else { continue }
      let place = found.map(\.place).sorted()[to]
      items.append(DifferenceItem(chain, .movedRule(wanted[jump], from: one.place, to: place)))
    }
  }
}

extension Rule {
  fileprivate var leadsToServiceProxy: Bool { jumpTarget?.isServiceProxys == true }
}
