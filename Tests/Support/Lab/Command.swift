import System

/// The output of a program and its exit status.
package struct CommandResult: Sendable {
  package let status: Int32
  package let output: String
  package let errors: String
}

/// A program that is run to its end.
package struct Command: Sendable {
  package var arguments: [String]
  package var environment: [String: String]
  /// The text on its standard input.
  package var input: String

  package init(_ arguments: [String], environment: [String: String] = [:], input: String = "") {
    self.arguments = arguments
    self.environment = environment
    self.input = input
  }

  /// Runs the program in a namespace, or in that of the caller. Any exit status is a result.
  package func result(in namespace: NetworkNamespace? = nil) async throws -> CommandResult {
    try await onOwnThread(in: namespace) { try runBlocking() }
  }

  /// Runs the program and returns its standard output. An exit status other than 0 is an error.
  @discardableResult
  package func run(in namespace: NetworkNamespace? = nil) async throws -> String {
    try Command.checked(self, try await result(in: namespace))
  }

  /// Runs the program with this program's standard streams, on its terminal. Returns the exit status.
  @discardableResult
  package func runInteractively() async throws -> Int32 {
    let program = Program(arguments, environment: environment)
    return try await onOwnThread {
      try program.start(.init(input: .inherited, output: .inherited, error: .inherited)).wait().code
    }
  }

  static func checked(_ command: Command, _ result: CommandResult) throws(LabError) -> String {
    guard result.status == 0 else {
      throw .program(arguments: command.arguments, status: result.status, output: result.errors + result.output)
    }
    return result.output
  }

  /// Runs on the calling thread. Uses files in memory instead of pipes, so that nobody has to read while the program
  /// writes.
  func runBlocking() throws -> CommandResult {
    // With its own process group the program gets no SIGINT from a terminal. The lab decides when programs end.
    let program = Program(arguments, environment: environment, hasOwnGroup: true)
    let input = try MemoryFile("input", holding: self.input.utf8)
    let (output, errors) = (try MemoryFile("output"), try MemoryFile("errors"))
    let streams = Program.Streams(
      input: .given(try input.duplicate()), output: .given(try output.duplicate()),
      error: .given(try errors.duplicate()))
    let end = try program.start(streams).wait()
    return CommandResult(status: end.code, output: try output.text(), errors: try errors.text())
  }
}
