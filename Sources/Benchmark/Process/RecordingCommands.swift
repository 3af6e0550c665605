import Applier
import IPTables
import ServiceModel

/// Commands without a kernel: tables are always empty, and the restore input is kept in a memory file.
///
/// With these a sync costs what planning, comparison and rendering cost, and leaves the input for plain
/// iptables-restore.
final class RecordingCommands: IPTablesCommands, RestoreSink {
  let backend: Backend
  let input: MemoryFile

  init(_ backend: Backend) throws {
    self.backend = backend
    input = try MemoryFile("restore input")
  }

  func restore(
    _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
  ) async throws(CommandError) -> RestoreRun {
    var watch = Stopwatch()
    do {
      try produce(self)
    } catch {
      throw CommandError(command: "recording", cause: .notStarted("\(error)"))
    }
    return RestoreRun(
      startedProcess: false, bytes: 0, processTime: .zero, productionTime: .seconds(watch.lap()))
  }

  func write(_ bytes: [UInt8]) throws { try input.write(bytes) }

  func save(
    _ family: IPFamily, _ table: Table, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {}

  func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion { IPTablesVersion(1, 8, 9) }
}
