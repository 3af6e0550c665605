import Applier
import IPTables
import ServiceModel
import Synchronization

/// Reads the rules that this host's kernel holds.
struct KernelRules {
  let commands: SystemIPTables

  /// All tables of a family.
  func read(_ family: IPFamily) async throws -> RuleSet {
    let collector = Collector(family)
    try await commands.save(family, nil) { collector.consume($0) }
    if let table = collector.unprintable { throw SourceError.unprintable(family, table) }
    return try collector.result()
  }

  /// A separate thread reads the output of iptables-save and passes lines on.
  private final class Collector: Sendable {
    private struct State {
      var rules: RuleSet
      var parser = RestoreParser()
      var unprintable: Table?
      var failure: RestoreSyntaxError?
    }

    private let state: Mutex<State>

    init(_ family: IPFamily) { state = Mutex(State(rules: RuleSet(family: family))) }

    func consume(_ line: ArraySlice<UInt8>) {
      state.withLock { state in
        guard state.failure == nil else { return }
        if let table = Table(notPrintedBySave: line) { state.unprintable = table }
        do throws(RestoreSyntaxError) {
          if let event = try state.parser.consume(line: line.span) { state.rules.apply(event) }
        } catch {
          state.failure = error
        }
      }
    }

    /// A table that iptables-nft-save left out.
    var unprintable: Table? { state.withLock { $0.unprintable } }

    func result() throws -> RuleSet {
      try state.withLock { state in
        if let failure = state.failure { throw failure }
        return state.rules
      }
    }
  }
}
