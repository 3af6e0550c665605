import Glibc
import IPTables
import ServiceModel
import Subprocess
import SystemPackage
import Threading

/// The iptables programs of this host.
public struct SystemIPTables: IPTablesCommands {
  public let programs: IPTablesPrograms
  /// Where the pids of restore processes are noted, so that their commits are known as ours.
  public let ownProcesses: OwnProcesses

  public init(_ programs: IPTablesPrograms, ownProcesses: OwnProcesses = OwnProcesses()) {
    self.programs = programs
    self.ownProcesses = ownProcesses
  }

  public var backend: Backend { programs.backend }

  public func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion {
    let text = Locked("")
    try await stream(family, .version, ["--version"]) { line in
      text.withLock { $0 += String(decoding: line, as: UTF8.self) + " " }
    }
    guard let version = IPTablesVersion(output: text.value) else {
      throw CommandError(
        command: programs.description(family, .version, ["--version"]), cause: .unreadableOutput)
    }
    return version
  }

  public func save(
    _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {
    try await stream(family, .save, table.map { ["-t", $0.rawValue] } ?? [], line)
  }

  /// Runs a program and passes its output on line by line.
  private func stream(
    _ family: IPFamily, _ role: IPTablesPrograms.Role, _ arguments: [String],
    _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {
    let command = programs.description(family, role, arguments)
    let pipe = try Pipe(for: command)
    let reading = try pipe.spawn("iptables-save", for: command) { LineReader(pipe.readEnd).run(line) }
    do {
      let result = try await run(
        family, role, arguments, input: .none,
        output: .fileDescriptor(FileDescriptor(rawValue: pipe.writeEnd), closeAfterSpawningProcess: true))
      await reading.value
      try result.check()
    } catch {
      // Where the program was never started, nobody else closes the write end that the reader waits for.
      if error.isBeforeStart { close(pipe.writeEnd) }
      await reading.value
      throw error
    }
  }

  public func restore(
    _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
  ) async throws(CommandError) -> RestoreRun {
    let command = programs.description(family, .restore, IPTablesPrograms.restoreArguments)
    let (parts, continuation) = AsyncStream.makeStream(of: RestorePipe.Part.self)
    let sink = RestorePipe(for: command) { continuation.yield($0) }
    let production = try spawnProduction(for: command) {
      let clock = ContinuousClock()
      let start = clock.now
      let outcome = Result { try produce(sink) }
      sink.endPart()
      continuation.finish()
      return Production(outcome: outcome, time: clock.now - start)
    }
    var run = RestoreRun(startedProcess: false, bytes: 0, processTime: .zero, productionTime: .zero)
    var failure: CommandError?
    for await part in parts {
      sink.take()
      run.startedProcess = true
      let clock = ContinuousClock()
      let start = clock.now
      do {
        try await feed(part, family)
      } catch {
        failure = error
      }
      run.processTime += clock.now - start
      if failure != nil { break }
    }
    // Also where this task was cancelled: the producer must not wait for a process that nobody starts.
    sink.abandon()
    let produced = await production.value
    let counts = sink.counts
    run.bytes = counts.bytes
    run.productionTime = produced.time - counts.waiting
    if let failure { throw failure }
    if case .failure(let error) = produced.outcome {
      throw CommandError(command: command, cause: .notStarted("input broke off: \(error)"))
    }
    return run
  }

  /// Runs the process that reads one part of restore input.
  private func feed(_ part: RestorePipe.Part, _ family: IPFamily) async throws(CommandError) {
    do {
      let end = try await run(
        family, .restore, IPTablesPrograms.restoreArguments,
        input: .fileDescriptor(FileDescriptor(rawValue: part.pipe.readEnd), closeAfterSpawningProcess: true),
        output: .discarded, onStart: { part.gate.open(true) })
      try end.check()
    } catch {
      if error.isBeforeStart { close(part.pipe.readEnd) }
      var error = error
      error.inputPart = part.number
      throw error
    }
  }

  private func spawnProduction(
    for command: String, _ body: @escaping @Sendable () -> Production
  ) throws(CommandError) -> OwnThread.Running<Production> {
    do {
      return try OwnThread.spawn("restore input", body)
    } catch {
      throw CommandError(command: command, cause: .notStarted("\(error)"))
    }
  }
}
