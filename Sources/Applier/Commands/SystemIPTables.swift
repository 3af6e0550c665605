import IPTables
import ServiceModel
import System
import Time

/// The iptables programs of this host.
package struct SystemIPTables: IPTablesCommands {
  package let programs: IPTablesPrograms
  /// Records the pids of the processes, so that their commits are recognised as this program's.
  package let ownProcesses: OwnProcesses
  let makeErrorFile: ErrorFileMaker
  /// The priority of the programs, and of the threads that read their output.
  package var priority = ThreadPriority.normal

  package init(_ programs: IPTablesPrograms, ownProcesses: OwnProcesses = OwnProcesses()) {
    self.init(programs, ownProcesses: ownProcesses, makeErrorFile: SystemIPTables.errorFile)
  }

  init(
    _ programs: IPTablesPrograms, ownProcesses: OwnProcesses = OwnProcesses(), makeErrorFile: @escaping ErrorFileMaker
  ) {
    self.programs = programs
    self.ownProcesses = ownProcesses
    self.makeErrorFile = makeErrorFile
  }

  package var backend: Backend { programs.backend }

  package func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion {
    let text = SharedValue("")
    try await stream(family, .version, ["--version"]) { line in
      text.withLock { $0 += String(decoding: line, as: UTF8.self) + " " }
    }
    guard let version = IPTablesVersion(output: text.value) else {
      throw CommandError(
        command: programs.description(family, .version, ["--version"]), cause: .unreadableOutput)
    }
    return version
  }

  /// Passes on the rules of one chain as lines of iptables-save. With nf_tables the kernel sends only this chain. With
  /// the legacy backend the program reads the whole table.
  /// - Throws: also if there is no such chain.
  package func list(
    _ family: IPFamily, _ chain: ChainKey, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {
    try await stream(family, .list, ["-t", chain.table.rawValue, "-S", chain.name.description], line)
  }

  /// Runs a program and passes its output on line by line.
  func stream(
    _ family: IPFamily, _ role: IPTablesPrograms.Role, _ arguments: [String],
    _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {
    let pipe = try makePipe(for: programs.description(family, role, arguments))
    let readEnd = pipe.readEnd
    try await run(family, role, arguments, input: .nothing, output: .given(pipe.writeEnd.takeOnce())) {
      LineReader.read(readEnd.takeOnce(), line)
    }
  }

  private func makePipe(for command: String) throws(CommandError) -> Pipe {
    do throws(SystemError) {
      return try Pipe()
    } catch {
      throw CommandError(command: command, cause: .notStarted("\(error)"))
    }
  }

  package func restore(
    _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
  ) async throws(CommandError) -> RestoreRun {
    let command = programs.description(family, .restore, IPTablesPrograms.restoreArguments)
    let (parts, continuation) = AsyncStream.makeStream(of: RestorePipe.Part.self)
    let sink = RestorePipe { continuation.yield($0) }
    let production = try spawnProduction(for: command) {
      let start = Moment.now()
      let outcome = Result { try produce(sink) }
      sink.endPart()
      continuation.finish()
      return Production(outcome: outcome, time: start.duration(to: .now()))
    }
    var run = RestoreRun(startedProcess: false, bytes: 0, processTime: .zero, productionTime: .zero)
    var failure: CommandError?
    for await part in parts {
      run.startedProcess = true
      let start = Moment.now()
      do {
        try await feed(part, family)
      } catch {
        failure = error
      }
      run.processTime += start.duration(to: .now())
      if failure != nil { break }
    }
    // The loop also ends if this task is cancelled. The producer must not wait for a process that will not start.
    sink.abandon()
    let produced = await production.value
    let counts = sink.counts
    run.bytes = counts.bytes
    run.productionTime = produced.time - counts.waiting
    // A program that reads incomplete input fails too, but only the producer knows why the input is incomplete.
    if case .failure(let error) = produced.outcome, failure == nil || !(error is RestoreSinkClosed) {
      let cause: CommandError.Cause = run.startedProcess ? .inputBroke("\(error)") : .notStarted("\(error)")
      throw CommandError(command: command, cause: cause, standardError: failure?.standardError ?? "")
    }
    if let failure { throw failure }
    return run
  }

  /// Runs the process that reads one part of restore input.
  private func feed(_ part: RestorePipe.Part, _ family: IPFamily) async throws(CommandError) {
    do throws(CommandError) {
      try await run(
        family, .restore, IPTablesPrograms.restoreArguments, input: .given(part.readEnd.takeOnce()), output: .nothing
      ) { part.hasStarted.give(true) }
    } catch {
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
