import IPTables
import ServiceModel

/// The iptables programs of one backend: all that the applier asks of the outside.
///
/// Real: ``SystemIPTables``. In memory: `FakeKernel` of the test support.
public protocol IPTablesCommands: Sendable {
  /// The kernel interface that the programs use.
  var backend: Backend { get }

  /// Feeds `iptables-restore --noflush --counters`: one process for each part of the input, one after the other.
  ///
  /// `produce` runs on a thread of its own and may block in `sink.write`. A process starts with the first bytes of its
  /// part: no bytes, no process. An error that `produce` throws ends the input where it stands.
  /// - Throws: `CommandError` for a process that could not be started or did not end with status 0; what follows is not
  ///   written then.
  func restore(
    _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
  ) async throws(CommandError) -> RestoreRun

  /// Has `iptables-restore --test` read the input: it looks for all that the rules need of the programs and the kernel, and
  /// changes nothing.
  /// - Throws: `CommandError` where something is missing.
  func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError)

  /// Streams the lines of `iptables-save`, without their newlines; no lines where there is no such table. `line` runs on a
  /// thread of its own.
  ///
  /// - Parameter table: made if the kernel can; nil for all that are there, which costs hardly more than one of them: with
  ///   nf_tables the kernel lists the chains of all tables whichever is asked for.
  func save(
    _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError)

  /// The version of the programs, as `iptables --version` tells.
  func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion
}

/// Takes restore input piece by piece.
public protocol RestoreSink {
  /// Returns once the bytes are on their way to the process; blocks while it is busy.
  /// - Throws: ``RestoreSinkClosed`` where the process no longer reads.
  func write(_ bytes: [UInt8]) throws

  /// Ends the part that one process reads; must stand behind a COMMIT. What follows goes to a new process, once this one
  /// has come to a good end.
  func endPart()
}

/// The process went away before it had read all of its input. Its exit status tells why.
public struct RestoreSinkClosed: Error, Equatable {
  public init() {}
}

/// What the processes of one restore took together.
public struct RestoreRun: Sendable, Equatable {
  /// False where there was nothing to write.
  public var startedProcess: Bool
  public var bytes: Int
  /// From the start of each process to its end.
  public var processTime: Duration
  /// Time that the producer spent on making input, without waiting for the process to read it.
  public var productionTime: Duration

  public init(startedProcess: Bool, bytes: Int, processTime: Duration, productionTime: Duration) {
    self.startedProcess = startedProcess
    self.bytes = bytes
    self.processTime = processTime
    self.productionTime = productionTime
  }
}
