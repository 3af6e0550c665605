/// A stop on a packet's way through the kernel: a built-in chain of one table, in netfilter's order of priorities.
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

  /// The next stop; nil where the packet is delivered.
  ///
  /// - Parameters:
  ///   - isLocal: whether the destination, as it is now, is on this host: the routing decision.
  ///   - isLooped: whether the packet was made on this host and is on its way back in through `lo`.
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
