import System

extension Program {
  /// Runs the program on the calling thread, in that thread's network namespace, until it ends.
  /// - Throws: `BenchmarkError.program` with the program's error output unless its exit status is 0.
  @discardableResult
  func succeed(input: MemoryFile? = nil, output: MemoryFile? = nil) throws -> ProcessEnd {
    // Without a time limit the result is never nil.
    try succeed(input: input, output: output, within: nil)!
  }

  /// The same for a program that is killed when its time is up.
  /// - Returns: nil if the program was killed.
  func succeed(input: MemoryFile? = nil, output: MemoryFile? = nil, within seconds: Double?) throws -> ProcessEnd? {
    let errors = try MemoryFile("errors")
    let child = try start(
      Streams(input: try .file(input), output: try .file(output), error: .given(try errors.duplicate())))
    let timer = try seconds.map { try KillTimer(child, seconds: $0) }
    let end = child.wait()
    if timer?.cancel() == true { return nil }
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
