import Applier
import IPTables
import ServiceModel
import Synchronization

/// A kernel in memory that understands restore input: transactions are all or nothing, rules need their chains.
package final class FakeKernel: IPTablesCommands {
  /// The calls so far, and the failures that it simulates.
  package struct State: Sendable {
    package var rules: [IPFamily: RuleSet] = [:]
    package var restores = 0
    package var saves = 0
    package var commits = 0
    /// The input of the last restore.
    package var input = ""
    /// The restore that is to be killed before its COMMIT of this number, counted from 1.
    package var killBeforeCommit: Int?
    /// Families in which rules that match with BPF programs are refused.
    package var withoutBPF: Set<IPFamily> = []
    /// Why a family's programs give no answer.
    package var failing: [IPFamily: CommandError.Cause] = [:]
    /// The rules after each COMMIT since the last reset, where wanted.
    package var history: [RuleSet]?

    package init() {}
  }

  package let backend: Backend
  private let state: Mutex<State>

  package init(_ backend: Backend = .nft) {
    self.backend = backend
    var state = State()
    for family in IPFamily.allCases {
      var rules = RuleSet(family: family)
      for table in Table.allCases {
        for chain in ChainName.builtIn(table) { rules[table, chain] = [] }
      }
      state.rules[family] = rules
    }
    self.state = Mutex(state)
  }

  package var current: State { state.withLock { $0 } }

  package func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  /// Changes the rules as another program does.
  package func load(_ family: IPFamily, _ text: String) throws {
    try state.withLock { state in
      state.rules[family] = try FakeTransaction.run(text, on: state.rules[family]!) { _ in true }
    }
  }

  package func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion { IPTablesVersion(1, 8, 9) }

  package func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError) {
    let text = String(decoding: input, as: UTF8.self)
    if let cause = current.failing[family] { throw CommandError(command: "fake-restore --test", cause: cause) }
    if current.withoutBPF.contains(family), text.contains("-m bpf") {
      throw CommandError(command: "fake-restore --test", cause: .exited(2))
    }
    do { _ = try FakeTransaction.run(text, on: current.rules[family]!) { _ in true } } catch {
      throw CommandError(command: "fake-restore --test", cause: .exited(1), standardError: "\(error)")
    }
  }

  package func save(
    _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {
    let rules = state.withLock { state in
      state.saves += 1
      return state.rules[family]!
    }
    var renderer = Renderer()
    for table in table.map({ [$0] }) ?? Table.allCases {
      let chains = rules.chains(of: table)
      renderer.begin(table)
      for chain in chains { renderer.declare(chain.name) }
      for chain in chains {
        for rule in chain.rules { renderer.append(rule, to: chain.name) }
      }
      renderer.commit()
    }
    for text in renderer.take().split(separator: 0x0a) { line(text) }
  }

  package func restore(
    _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
  ) async throws(CommandError) -> RestoreRun {
    let sink = MemorySink()
    do { try produce(sink) } catch {
      throw CommandError(command: "fake-restore", cause: .notStarted("\(error)"))
    }
    let run = RestoreRun(
      startedProcess: !sink.bytes.isEmpty, bytes: sink.bytes.count, processTime: .zero, productionTime: .zero)
    if sink.bytes.isEmpty { return run }
    let text = String(decoding: sink.bytes, as: UTF8.self)
    let failure = state.withLock { $0.take(text, family) }
    if let failure { throw failure }
    return run
  }
}

extension FakeKernel.State {
  mutating func take(_ text: String, _ family: IPFamily) -> CommandError? {
    restores += 1
    input = text
    var commit = 0
    do throws(FakeRestoreError) {
      rules[family] = try FakeTransaction.run(text, on: rules[family]!) { after in
        commit += 1
        if commit == killBeforeCommit { return false }
        commits += 1
        rules[family] = after
        history?.append(after)
        return true
      }
      return nil
    } catch {
      killBeforeCommit = nil
      guard let message = error.message else { return CommandError(command: "fake-restore", cause: .signalled(9)) }
      return CommandError(command: "fake-restore", cause: .exited(1), standardError: message)
    }
  }
}

private final class MemorySink: RestoreSink {
  private(set) var bytes: [UInt8] = []
  func write(_ bytes: [UInt8]) { self.bytes += bytes }
  /// One process would do the same.
  func endPart() {}
}
