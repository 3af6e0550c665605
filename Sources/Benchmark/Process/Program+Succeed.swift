import System

extension Program {
  /// Runs it to its end on the calling thread, in that thread's network namespace.
  /// - Throws: `BenchmarkError.program` with what it said unless its exit status is 0.
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
  /// The file, at its position; without one there is nothing to read, and what is written is lost.
  static func file(_ file: MemoryFile?) throws(SystemError) -> Program.Stream {
    guard let file else { return .nothing }
    return .given(try file.duplicate())
  }
}
