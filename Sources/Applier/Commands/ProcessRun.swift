import ServiceModel
import System

/// What became of making restore input.
struct Production: Sendable {
  let outcome: Result<Void, any Error>
  let time: Duration
}

/// Makes the file that takes what a program writes to its standard error.
///
/// A file and not a pipe: nobody has to read while the program runs.
typealias ErrorFileMaker = @Sendable () throws(SystemError) -> MemoryFile

extension SystemIPTables {
  /// Runs one program to its good end. The first kilobytes of its standard error are kept.
  /// - Parameters:
  ///   - input: belongs to the process, if one is started; it is closed here in any case.
  ///   - whileRunning: runs on the thread that then waits for the process, when its pid has been noted.
  func run(
    _ family: IPFamily, _ role: IPTablesPrograms.Role, _ arguments: [String], input: consuming Program.Stream,
    output: consuming Program.Stream, whileRunning: @escaping @Sendable () -> Void
  ) async throws(CommandError) {
    let command = programs.description(family, role, arguments)
    guard let line = programs.commandLine(family, role, arguments) else {
      throw CommandError(command: command, cause: .notFound)
    }
    let pid = Locked<Int32?>(nil)
    defer { if let pid = pid.value { ownProcesses.end(pid) } }
    let errors: MemoryFile
    let end: ProcessEnd
    do {
      errors = try makeErrorFile()
      let streams = Program.Streams(input: input, output: output, error: .given(try errors.duplicate()))
      end = try await Program(line).run(streams) { [ownProcesses] process in
        pid.withLock { $0 = process.pid }
        ownProcesses.begin(process.pid)
        whileRunning()
      }
    } catch {
      throw CommandError(command: command, cause: .notStarted("\(error)"))
    }
    let cause: CommandError.Cause
    switch end.status {
    case .exited(0): return
    case .exited(let code): cause = .exited(code)
    case .signalled(let signal): cause = .signalled(signal)
    }
    // What it said is worth having, but its failure is told in any case.
    throw CommandError(command: command, cause: cause, standardError: (try? errors.text()) ?? "")
  }

  static let errorFile: ErrorFileMaker = { () throws(SystemError) in try MemoryFile("standard error", limit: 4096) }
}
