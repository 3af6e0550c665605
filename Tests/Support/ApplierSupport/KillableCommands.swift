import Applier
import Glibc
import IPTables
import ServiceModel
import Synchronization

/// Programs whose restore a test can kill in the middle of its input.
package final class KillableCommands: IPTablesCommands {
  private let commands: SystemIPTables
  /// Pieces of input until the restore is killed; nil for never.
  private let pieces = Mutex<Int?>(nil)

  package init(_ commands: SystemIPTables) { self.commands = commands }

  package var backend: Backend { commands.backend }

  /// Whether a restore is still to be killed.
  package var isArmed: Bool { pieces.withLock { $0 != nil } }

  /// Kills the restore that gets piece number `count` of the input from now on, counted from 1. Before a restore's
  /// first piece, its process may not run yet.
  package func killRestore(afterPieces count: Int) { pieces.withLock { $0 = count } }

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
    let isDue = pieces.withLock { pieces in
      pieces = pieces.map { $0 - 1 }
      guard pieces == 0 else { return false }
      pieces = nil
      return true
    }
    guard isDue else { return }
    for pid in commands.ownProcesses.running { kill(pid, SIGKILL) }
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
