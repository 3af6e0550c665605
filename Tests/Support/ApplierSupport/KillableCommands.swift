import Applier
import Glibc
import IPTables
import ServiceModel
import Synchronization

/// Programs whose restore a test can end in the middle of its input.
package final class KillableCommands: IPTablesCommands {
  private let commands: SystemIPTables
  /// What happens at a piece of the input; nil for nothing.
  private let interruption = Mutex<Interruption?>(nil)

  private struct Interruption: Sendable {
    /// The number of pieces until then.
    var pieces: Int
    let action: @Sendable () -> Void
  }

  package init(_ commands: SystemIPTables) { self.commands = commands }

  package var backend: Backend { commands.backend }

  /// Whether a restore is still to be interrupted.
  package var isArmed: Bool { interruption.withLock { $0 != nil } }

  /// Kills the restore that gets piece number `count` of the input from now on, counted from 1. Before a restore's
  /// first piece, its process may not run yet.
  package func killRestore(afterPieces count: Int) {
    let processes = commands.ownProcesses
    interruptRestore(afterPieces: count) { for pid in processes.running { kill(pid, SIGKILL) } }
  }

  /// Calls `action` once, when a restore has got piece number `count` of the input from now on. The call is on the
  /// thread that writes the input.
  package func interruptRestore(afterPieces count: Int, _ action: @escaping @Sendable () -> Void) {
    interruption.withLock { $0 = Interruption(pieces: count, action: action) }
  }

  package func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion {
    try await commands.version(family)
  }

  package func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError) {
    try await commands.test(family, input)
  }

  package func save(
    _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) { try await commands.save(family, table, line) }

  package func restore(
    _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
  ) async throws(CommandError) -> RestoreRun {
    try await commands.restore(family) { sink in try produce(KillingSink(sink: sink, commands: self)) }
  }

  fileprivate func countPiece() {
    let action: (@Sendable () -> Void)? = interruption.withLock { interruption in
      interruption?.pieces -= 1
      guard let due = interruption, due.pieces == 0 else { return nil }
      interruption = nil
      return due.action
    }
    action?()
  }
}

private struct KillingSink: RestoreSink {
  let sink: any RestoreSink
  let commands: KillableCommands

  func write(_ bytes: [UInt8]) throws {
    try sink.write(bytes)
    commands.countPiece()
  }

  func endPart() {
    sink.endPart()
  }
}
