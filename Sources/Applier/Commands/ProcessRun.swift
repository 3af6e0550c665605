import Glibc
import ServiceModel
import Subprocess
import SystemPackage

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
    case .notFound: true
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
    do {
      let result = try await Subprocess.run(
        .path(FilePath(line[0])), arguments: Arguments(Array(line.dropFirst())), input: input, output: output,
        error: .sequence
      ) { execution in
        let pid = execution.processIdentifier.value
        ownProcesses.begin(pid)
        defer { ownProcesses.end(pid) }
        onStart()
        return try await SystemIPTables.collect(execution.standardError)
      }
      return ProcessEnd(command: command, status: result.terminationStatus, standardError: result.closureResult)
    } catch {
      throw CommandError(command: command, cause: .notStarted("\(error)"))
    }
  }

  /// The first kilobytes of a stream, read to its end so that the writer is never held up.
  private static func collect(_ stream: SubprocessOutputSequence) async throws -> String {
    var bytes: [UInt8] = []
    for try await piece in stream {
      piece.withUnsafeBytes { bytes.append(contentsOf: $0.prefix(max(0, 4096 - bytes.count))) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
