import System

/// What a program said, and how it ended.
public struct CommandResult: Sendable {
  public let status: Int32
  public let output: String
  public let errors: String
}

/// A program that is run to its end.
public struct Command: Sendable {
  public var arguments: [String]
  public var environment: [String: String]
  /// What it reads on its standard input.
  public var input: String

  public init(_ arguments: [String], environment: [String: String] = [:], input: String = "") {
    self.arguments = arguments
    self.environment = environment
    self.input = input
  }

  /// Runs it, in a namespace or where the caller is; any exit status is a result.
  public func result(in namespace: NetworkNamespace? = nil) async throws -> CommandResult {
    try await onOwnThread(in: namespace) { try runBlocking() }
  }

  /// Runs it and returns its standard output; an exit status other than 0 is an error.
  @discardableResult
  public func run(in namespace: NetworkNamespace? = nil) async throws -> String {
    try Command.checked(self, try await result(in: namespace))
  }

  /// Runs it with this program's own standard descriptors, on its terminal. Returns its exit status.
  @discardableResult
  public func runInteractively() async throws -> Int32 {
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

  /// On the calling thread. Files in memory instead of pipes: nobody has to read while somebody writes.
  func runBlocking() throws(LabError) -> CommandResult {
    // A group of its own keeps a terminal's SIGINT away, so that the lab decides who ends when.
    let program = Program(arguments, environment: environment, hasOwnGroup: true)
    do {
      let input = try MemoryFile("input", holding: self.input.utf8)
      let (output, errors) = (try MemoryFile("output"), try MemoryFile("errors"))
      let streams = Program.Streams(
        input: .given(try input.duplicate()), output: .given(try output.duplicate()),
        error: .given(try errors.duplicate()))
      let end = try program.start(streams).wait()
      return CommandResult(status: end.code, output: try output.text(), errors: try errors.text())
    } catch {
      throw LabError(error)
    }
  }
}
