import IPTables
import ServiceModel

/// The iptables programs of one backend, as the applier uses them.
///
/// Real: ``SystemIPTables``. In memory: `FakeKernel` of the test support.
package protocol IPTablesCommands: Sendable {
  /// The kernel interface that the programs use.
  var backend: Backend { get }

  /// Runs `iptables-restore --noflush --counters`, one process for each part of the input, one after the other.
  ///
  /// `produce` runs on its own thread and may block in `sink.write`. A process starts with the first bytes of its part,
  /// so without bytes there is no process. If `produce` throws an error, the input ends there.
  /// - Throws: `CommandError` if a process could not be started or did not end with status 0. The rest of the input is
  ///   not written then.
  func restore(
    _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
  ) async throws(CommandError) -> RestoreRun

  /// Runs `iptables-restore --test` on the input. It checks that the programs and the kernel support everything that
  /// the rules need, and changes nothing.
  /// - Throws: `CommandError` if something is missing.
  func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError)

  /// Passes on the lines of `iptables-save`, without their newlines; no lines if there is no such table. `line` runs on
  /// its own thread.
  ///
  /// - Parameter table: the table to list; the kernel creates it if it can. nil lists all existing tables. This costs
  ///   little more than one table, because with nf_tables the kernel always lists the chains of all tables.
  func save(
    _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError)

  /// The version of the programs, from `iptables --version`.
  func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion
}

/// Receives restore input piece by piece.
package protocol RestoreSink {
  /// Returns when all bytes are in the pipe to the process. Blocks while the pipe is full.
  /// - Throws: ``RestoreSinkClosed`` if the process no longer reads.
  func write(_ bytes: [UInt8]) throws

  /// Ends the part that one process reads. The part must end with a COMMIT. The next bytes go to a new process, which
  /// starts after this one has succeeded.
  func endPart()
}

/// The process ended before it had read all of its input. Its exit status tells why.
package struct RestoreSinkClosed: Error, Equatable {
  package init() {}
}

/// The totals of all processes of one restore.
package struct RestoreRun: Sendable, Equatable {
  /// False if there was nothing to write.
  package var startedProcess: Bool
  package var bytes: Int
  /// The time from the start of each process to its end.
  package var processTime: Duration
  /// Time that the producer spent on making input, without waiting for the process to read it.
  package var productionTime: Duration

  package init(startedProcess: Bool, bytes: Int, processTime: Duration, productionTime: Duration) {
    self.startedProcess = startedProcess
    self.bytes = bytes
    self.processTime = processTime
    self.productionTime = productionTime
  }
}
