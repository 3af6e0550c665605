import System

extension Program {
  /// Runs the program on the calling thread, in that thread's network namespace, until it ends.
  /// - Throws: `BenchmarkError.program` with the program's error output unless its exit status is 0.
  @discardableResult
  func succeed(input: MemoryFile? = nil, output: MemoryFile? = nil) throws -> ProcessEnd {
    let errors = try MemoryFile("errors")
    let end = try start(
      Streams(input: try .file(input), output: try .file(output), error: .given(try errors.duplicate()))
    ).wait()
    guard end.code == 0 else {
      throw BenchmarkError.program(
        command: arguments.joined(separator: " "), status: end.code, output: String(try errors.text().prefix(2000)))
    }
    return end
  }
}

extension Program.Stream {
  /// The file, from its current position. Without a file, the program reads nothing and its output is discarded.
  static func file(_ file: MemoryFile?) throws(SystemError) -> Program.Stream {
    guard let file else { return .nothing }
    return .given(try file.duplicate())
  }
}
