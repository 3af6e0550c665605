import Glibc
import ServiceModel
import Subprocess
import SystemPackage

extension SystemIPTables {
  public func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError) {
    let arguments = IPTablesPrograms.restoreArguments + ["--test"]
    let command = programs.description(family, .restore, arguments)
    precondition(input.count <= SystemIPTables.pipeCapacity, "a test of \(input.count) bytes")
    let pipe = try Pipe(for: command)
    // A few lines: the pipe takes them before anybody reads.
    let written = input.withUnsafeBytes { write(pipe.writeEnd, $0.baseAddress, $0.count) }
    let code = errno
    close(pipe.writeEnd)
    guard written == input.count else {
      close(pipe.readEnd)
      throw CommandError(command: command, cause: .notStarted("pipe: \(String(cString: strerror(code)))"))
    }
    do {
      let end = try await run(
        family, .restore, arguments,
        input: .fileDescriptor(FileDescriptor(rawValue: pipe.readEnd), closeAfterSpawningProcess: true),
        output: .discarded)
      try end.check()
    } catch {
      if error.isBeforeStart { close(pipe.readEnd) }
      throw error
    }
  }

  /// What every pipe takes at once: a page.
  private static let pipeCapacity = 4096
}
