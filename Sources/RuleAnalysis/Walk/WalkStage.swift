import IPTables

/// A stage of a packet's path through the kernel: a built-in chain of one table, in netfilter's order of priorities.
struct WalkStage: Hashable {
  enum Hook: Hashable { case prerouting, input, forward, output, postrouting }

  let hook: Hook
  let table: Table

  var chain: ChainName {
    switch hook {
    case .prerouting: .prerouting
    case .input: .input
    case .forward: .forward
    case .output: .output
    case .postrouting: .postrouting
    }
  }

  private static func order(of hook: Hook) -> [Table] {
    switch hook {
    case .prerouting, .postrouting: [.mangle, .nat]
    case .input: [.mangle, .filter, .nat]
    case .forward: [.mangle, .filter]
    case .output: [.mangle, .nat, .filter]
    }
  }

  static func first(from origin: Packet.Origin) -> WalkStage {
    WalkStage(hook: origin == .host ? .output : .prerouting, table: .mangle)
  }

  /// The next stage; nil if the packet is delivered.
  ///
  /// - Parameters:
  ///   - isLocal: whether the current destination is on this host. This is the routing decision.
  ///   - isLooped: whether a process on this host sent the packet and it now comes back through `lo`.
  func next(isLocal: Bool, isLooped: Bool) -> WalkStage? {
    let tables = WalkStage.order(of: hook)
    if let index = tables.firstIndex(of: table), index + 1 < tables.count {
      return WalkStage(hook: hook, table: tables[index + 1])
    }
    switch hook {
    case .prerouting: return WalkStage(hook: isLocal ? .input : .forward, table: .mangle)
    case .forward, .output: return WalkStage(hook: .postrouting, table: .mangle)
    case .postrouting: return isLooped ? WalkStage(hook: .prerouting, table: .mangle) : nil
    case .input: return nil
    }
  }
}
