import Glibc
import ServiceModel
import Subprocess
import SystemPackage
import Threading

/// How a process ended.
struct ProcessEnd: Sendable {
  let command: String
  let status: TerminationStatus
  let standardError: String

  func check() throws(CommandError) {
    switch status {
    case .exited(0): return
    case .exited(let code):
      throw CommandError(command: command, cause: .exited(code), standardError: standardError)
    case .signaled(let signal):
      throw CommandError(command: command, cause: .signalled(signal), standardError: standardError)
    }
  }
}

/// What became of making restore input.
struct Production: Sendable {
  let outcome: Result<Void, any Error>
  let time: Duration
}

extension CommandError {
  /// Whether the process never ran, so that what it should have inherited is still open here.
  var isBeforeStart: Bool {
    switch cause {
    case .notFound, .noDescriptors: true
    default: false
    }
  }
}

extension SystemIPTables {
  /// Runs one program to its end. Standard error is kept, up to a bound.
  func run<Input: InputProtocol, Output: OutputProtocol>(
    _ family: IPFamily, _ role: IPTablesPrograms.Role, _ arguments: [String], input: Input, output: Output,
    onStart: @escaping @Sendable () -> Void = {}
  ) async throws(CommandError) -> ProcessEnd where Output.OutputType == Void {
    let command = programs.description(family, role, arguments)
    guard let line = programs.commandLine(family, role, arguments) else {
      throw CommandError(command: command, cause: .notFound)
    }
    do throws(SpareDescriptors.Shortage) {
      try SpareDescriptors.check()
    } catch {
      throw CommandError(command: command, cause: .noDescriptors(error.description))
    }
    let errors = try ErrorFile(for: command)
    let started = Locked<Int32?>(nil)
    defer { if let pid = started.value { ownProcesses.end(pid) } }
    do {
      let result = try await Subprocess.run(
        .path(FilePath(line[0])), arguments: Arguments(Array(line.dropFirst())), input: input, output: output,
        error: .fileDescriptor(FileDescriptor(rawValue: errors.descriptor), closeAfterSpawningProcess: false)
      ) { execution in
        let pid = execution.processIdentifier.value
        started.withLock { $0 = pid }
        ownProcesses.begin(pid)
        onStart()
      }
      return ProcessEnd(command: command, status: result.terminationStatus, standardError: errors.text)
    } catch {
      throw CommandError(command: command, cause: .notStarted("\(error)"))
    }
  }
}
