import ServiceModel
import System

/// The result of producing restore input.
struct Production: Sendable {
  let outcome: Result<Void, any Error>
  let time: Duration
}

/// Creates the file to which a program writes its standard error.
///
/// It is a file because a pipe would need a thread that reads it while the program runs.
typealias ErrorFileMaker = @Sendable () throws(SystemError) -> MemoryFile

extension SystemIPTables {
  /// Runs one program and throws unless it succeeds. The first kilobytes of its standard error are kept.
  /// - Parameters:
  ///   - input: given to the process if one is started. It is closed here in any case.
  ///   - whileRunning: runs after the pid has been recorded, on the thread that then waits for the process.
  func run(
    _ family: IPFamily, _ role: IPTablesPrograms.Role, _ arguments: [String], input: consuming Program.Stream,
    output: consuming Program.Stream, whileRunning: @escaping @Sendable () -> Void
  ) async throws(CommandError) {
    let command = programs.description(family, role, arguments)
    guard let line = programs.commandLine(family, role, arguments) else {
      throw CommandError(command: command, cause: .notFound)
    }
    let pid = SharedValue<Int32?>(nil)
    defer { if let pid = pid.value { ownProcesses.end(pid) } }
    let errors: MemoryFile
    let end: ProcessEnd
    do {
      errors = try makeErrorFile()
      let streams = Program.Streams(input: input, output: output, error: .given(try errors.duplicate()))
      var program = Program(line)
      program.priority = priority
      end = try await program.run(streams) { [ownProcesses] process in
        if role == .restore {
          pid.withLock { $0 = process.pid }
          ownProcesses.begin(process.pid)
        }
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
    case .unknown(let code): cause = .unknownEnd(SystemError(action: "wait", code: code).description)
    }
    // The failure is reported even if its standard error cannot be read.
    throw CommandError(command: command, cause: cause, standardError: (try? errors.text()) ?? "")
  }

  static let errorFile: ErrorFileMaker = { () throws(SystemError) in try MemoryFile("standard error", limit: 4096) }
}
