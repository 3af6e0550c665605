import Configuration
import ServiceModel
import System

/// Runs a credential plugin: a process in production, a closure in tests.
protocol PluginRunner: Sendable {
  /// Returns the plugin's standard output.
  func run(_ plugin: ExecPlugin, executionInfo: String) async throws(CredentialError) -> String
}

struct ProcessPluginRunner: PluginRunner {
  /// Cloud plugins send requests to their cloud. A plugin that takes longer than this is considered stuck.
  var timeout = Duration.seconds(60)

  /// Larger than any credential.
  private static let outputLimit = 1 << 20
  private static let errorLimit = 64 << 10

  func run(_ plugin: ExecPlugin, executionInfo: String) async throws(CredentialError) -> String {
    var environment = ["KUBERNETES_EXEC_INFO": executionInfo]
    environment.merge(plugin.environment) { _, own in own }
    // The output goes to files in memory instead of pipes. If the plugin leaves a child process behind that still holds
    // a pipe, a reader would wait for the end of the pipe.
    let program = Program([plugin.command] + plugin.arguments, environment: environment, hasOwnGroup: true)
    func failure(_ reason: String, stderr: String = "") -> CredentialError {
      .plugin(command: plugin.command, reason: reason, stderr: stderr)
    }
    do {
      let output = try MemoryFile("credential", limit: Self.outputLimit)
      let errors = try MemoryFile("standard error", limit: Self.errorLimit)
      let streams = Program.Streams(
        input: .nothing, output: .given(try output.duplicate()), error: .given(try errors.duplicate()))
      let end = try await run(program, streams)
      if output.isFull { throw failure("it printed more than \(Self.outputLimit) bytes") }
      switch end.status {
      case .exited(0): return try output.text()
      case .exited(let code): throw failure("exit status \(code)", stderr: try Self.tail(of: errors))
      case .signalled(let signal): throw failure("ended by signal \(signal)", stderr: try Self.tail(of: errors))
      case .unknown(let code):
        let cause = SystemError(action: "wait", code: code)
        throw failure("it is unknown how it ended: \(cause)", stderr: try Self.tail(of: errors))
      }
    } catch let error as CredentialError {
      throw error
    } catch let error as ProcessNotStarted where error.isNotFound {
      throw failure("not found" + (plugin.installHint.isEmpty ? "" : "; \(plugin.installHint)"))
    } catch {
      throw failure("\(error)")
    }
  }

  /// Kills the plugin when the time limit has passed.
  private func run(_ program: Program, _ streams: consuming Program.Streams) async throws -> ProcessEnd {
    let handover = Handover(streams)
    return try await withThrowingTaskGroup(of: ProcessEnd?.self) { group in
      group.addTask { try await program.run(handover.takeOnce()) }
      group.addTask {
        try await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      guard let end = try await group.next() ?? nil else { throw PluginTimeout(limit: timeout) }
      return end
    }
  }

  private static func tail(of file: MemoryFile) throws(SystemError) -> String {
    try file.text().suffix(2000).trimmingBlanks
  }
}

struct PluginTimeout: Error, CustomStringConvertible {
  var limit: Duration
  var description: String { "it did not end within \(limit)" }
}
