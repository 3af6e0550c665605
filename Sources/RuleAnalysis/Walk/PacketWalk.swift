import IPTables
import ServiceModel

/// Follows the first packet of a connection through a host's rules, along every path that probability matches allow.
///
/// The order of tables and hooks is the kernel's. A packet from outside passes PREROUTING, then INPUT or FORWARD
/// depending on the translated destination, then POSTROUTING. A packet from this host passes OUTPUT and POSTROUTING. If
/// it is for the host itself, it comes back through `lo` and passes INPUT. The tables raw and security are not
/// followed.
package struct PacketWalk: Sendable {
  /// What to do if a foreign rule decides the path and this program does not understand the rule.
  package enum Caution: Sendable {
    /// This path ends with the verdict `undecided`.
    case stop
    /// The walk continues as if the rule did not match, and the outcome lists this assumption.
    case assumeNoMatch
  }

  package let rules: RuleSet
  package let host: WalkHost
  package let caution: Caution
  /// The number of rules that the walk may evaluate on all paths together. A rule that matches counts as ten, because
  /// the trace records it. A Service with 10,000 endpoints behind 1,000 rules that each path passes uses half of the
  /// limit.
  let limitOfRules: Int

  package init(rules: RuleSet, host: WalkHost, caution: Caution = .stop) {
    self.init(rules: rules, host: host, caution: caution, limitOfRules: 20_000_000)
  }

  package init(rules: RuleSet, host: WalkHost, caution: Caution = .stop, limitOfRules: Int) {
    self.rules = rules
    self.host = host
    self.caution = caution
    self.limitOfRules = limitOfRules
  }

  /// All paths that the packet can take. Their probabilities add up to 1.
  package func outcomes(of packet: Packet) -> [WalkOutcome] {
    var outcomes: [WalkOutcome] = []
    var pending = [WalkState(packet)]
    var rulesLeft = limitOfRules
    enter(&pending[0])
    while var state = pending.popLast() {
      if pending.count + outcomes.count > PacketWalk.limitOfWays {
        outcomes.append(state.outcome(.undecided(state.doubt(.tooManyWays)), on: host))
        continue
      }
      outcomes.append(finish(&state, &pending, &rulesLeft))
    }
    return outcomes
  }

  /// The possible results for the packet, with the probability of each.
  package func results(of packet: Packet) -> [WalkResult] { outcomes(of: packet).results }

  private static let limitOfWays = 100_000
  private static let limitOfDepth = 100

  /// Follows one path to its end. Alternatives of probability matches are put on `pending`.
  private func finish(
    _ state: inout WalkState, _ pending: inout [WalkState], _ rulesLeft: inout Int
  ) -> WalkOutcome {
    while true {
      guard let frame = state.frames.last, frame.next < frame.rules.count else {
        if let verdict = leaveChain(&state) { return state.outcome(verdict, on: host) }
        continue
      }
      guard rulesLeft > 0 else { return state.outcome(.undecided(state.doubt(.tooLong)), on: host) }
      rulesLeft -= 1
      state.frames[state.frames.count - 1].next += 1
      let rule = frame.rules[frame.next]
      let truth = MatchEvaluator(state: state, host: host).truth(of: rule)
      if truth != .no { rulesLeft -= 9 }
      switch truth {
      case .no: continue
      case .unknown(let reason):
        if TargetEffect(rule.target) == .goOn { continue }
        if let verdict = hesitate(&state, rule, reason) { return state.outcome(verdict, on: host) }
        continue
      case .yes(let chance):
        if chance < 1 {
          var other = state
          other.probability *= 1 - chance
          other.record(.notChosen(rule))
          pending.append(other)
          state.probability *= chance
        }
      }
      for case .recentSet(let name) in rule.matches { state.joinedLists.insert(name) }
      state.record(.matched(rule))
      if let verdict = perform(TargetEffect(rule.target), rule, &state) { return state.outcome(verdict, on: host) }
    }
  }

  private func hesitate(_ state: inout WalkState, _ rule: Rule, _ reason: Doubt.Reason) -> WalkVerdict? {
    let doubt = state.doubt(reason)
    guard caution == .assumeNoMatch else { return .undecided(doubt) }
    state.assumptions.append(doubt)
    state.record(.assumedNoMatch(rule, reason))
    return nil
  }

  private func perform(_ effect: TargetEffect, _ rule: Rule, _ state: inout WalkState) -> WalkVerdict? {
    switch effect {
    case .goOn: return nil
    case .call(let chain, let returns): return call(chain, returns: returns, &state)
    case .return: return leaveChain(&state)
    case .accept: return leaveTable(&state)
    case .drop: return .dropped
    case .reject: return .rejected
    case .mark(let and, let xor):
      state.packet.mark = state.packet.mark & and ^ xor
      return nil
    case .translate(let address, let port):
      let old = state.packet.destination
      state.packet.destination = SocketAddress(address ?? old.address, port: port ?? old.port)
      state.isTranslated = state.packet.destination != old
      return leaveTable(&state)
    case .changeSource(let source):
      state.source = source
      return leaveTable(&state)
    case .unknown(let reason): return hesitate(&state, rule, reason)
    }
  }
}

extension PacketWalk {
  private func call(_ name: ChainName, returns: Bool, _ state: inout WalkState) -> WalkVerdict? {
    guard let rules = rules[state.stage.table, name] else { return .undecided(state.doubt(.missingChain(name))) }
    guard state.frames.count < PacketWalk.limitOfDepth else { return .undecided(state.doubt(.tooDeep)) }
    if !returns {
      // After a goto the packet does not return to this chain. A user-defined chain leaves the stack of chains. A
      // built-in chain stays at its end, because its policy still applies.
      let last = state.frames.count - 1
      if last > 0 { state.frames.removeLast() } else { state.frames[0].next = state.frames[0].rules.count }
    }
    state.frames.append(WalkState.Frame(chain: name, rules: rules))
    return nil
  }

  /// At the end of a chain the packet returns to the caller. At the end of a built-in chain the policy decides.
  private func leaveChain(_ state: inout WalkState) -> WalkVerdict? {
    guard state.frames.count <= 1 else {
      state.frames.removeLast()
      return nil
    }
    let policy = rules.policies[ChainKey(state.stage.table, state.stage.chain)] ?? .accept
    if policy == .drop {
      if !state.frames.isEmpty { state.frames[0].next = state.frames[0].rules.count }
      state.record(.policy(policy))
      return .dropped
    }
    return leaveTable(&state)
  }

  private func leaveTable(_ state: inout WalkState) -> WalkVerdict? {
    let isLocal = host.isLocal(state.packet.destination.address)
    let wasLooped = state.isLooped
    let isLooping = !wasLooped && state.packet.origin == .host && isLocal && state.stage.hook == .postrouting
    guard let next = state.stage.next(isLocal: isLocal, isLooped: isLooping) else { return .delivered }
    if next.hook == .prerouting, state.stage.hook == .postrouting {
      state.isLooped = true
      state.packet.origin = .interface("lo")
    }
    state.stage = next
    enter(&state)
    return nil
  }

  /// Starts the built-in chain of the state's stage.
  private func enter(_ state: inout WalkState) {
    let stage = state.stage
    // The kernel decides on address translation once, with the first packet of a connection.
    let isSkipped = stage.table == .nat && (!state.packet.state.contains(.new) || state.isLooped)
    let rules = isSkipped ? [] : rules[stage.table, stage.chain] ?? []
    state.frames = [WalkState.Frame(chain: stage.chain, rules: rules)]
  }
}
