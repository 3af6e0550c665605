import Applier
import IPTables
import ServiceModel
import Synchronization
import System

/// Commands without a kernel. Tables are always empty, and the restore input is kept in memory files.
///
/// With these commands a sync takes only the time of planning, comparison and rendering. The input is kept for plain
/// iptables-restore.
final class RecordingCommands: IPTablesCommands, RestoreSink {
  let backend: Backend
  private let state = Mutex(State())

  private struct State: Sendable {
    var parts: [MemoryFile] = []
    var isBetweenParts = true
  }

  init(_ backend: Backend) { self.backend = backend }

  /// The input of each restore process.
  var input: [MemoryFile] { state.withLock { $0.parts } }

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

  func write(_ bytes: [UInt8]) throws {
    let part = try state.withLock { state in
      if state.isBetweenParts { state.parts.append(try MemoryFile("restore input")) }
      state.isBetweenParts = false
      return state.parts[state.parts.count - 1]
    }
    try part.write(bytes)
  }

  func endPart() { state.withLock { $0.isBetweenParts = true } }

  func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError) {}

  func save(
    _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {}

  func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion { IPTablesVersion(1, 8, 9) }
}
