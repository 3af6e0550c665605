import CLab
import Glibc

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
    let spawn = Spawn(
      arguments: arguments, environment: environment, input: 0, output: 1, error: 2, ownGroup: false)
    return try await onOwnThread { reap(try spawn.start()) }
  }

  static func checked(_ command: Command, _ result: CommandResult) throws(LabError) -> String {
    guard result.status == 0 else {
      throw .program(arguments: command.arguments, status: result.status, output: result.errors + result.output)
    }
    return result.output
  }

  /// On the calling thread. Files in memory instead of pipes: nobody has to read while somebody writes.
  func runBlocking() throws(LabError) -> CommandResult {
    let input = try MemoryFile("input")
    let output = try MemoryFile("output")
    let errors = try MemoryFile("errors")
    try input.write(self.input)
    let spawn = Spawn(
      arguments: arguments, environment: environment, input: input.descriptor, output: output.descriptor,
      error: errors.descriptor)
    let status = reap(try spawn.start())
    return CommandResult(status: status, output: try output.readAll(), errors: try errors.readAll())
  }
}

/// A file without a name, gone with its last descriptor.
final class MemoryFile {
  let descriptor: Int32

  init(_ name: String) throws(LabError) {
    let closeOnExec: UInt32 = 1
    descriptor = try check(memfd_create(name, closeOnExec), "make a memory file")
  }

  deinit { close(descriptor) }

  func write(_ text: String) throws(LabError) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = try check(bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }, "write")
      bytes = bytes.dropFirst(count)
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  func readAll() throws(LabError) -> String {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    lseek(descriptor, 0, SEEK_SET)
    while true {
      let count = try check(read(descriptor, &buffer, buffer.count), "read")
      if count == 0 { return String(decoding: result, as: UTF8.self) }
      result += buffer.prefix(count)
    }
  }
}
