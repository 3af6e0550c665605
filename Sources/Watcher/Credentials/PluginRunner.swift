import Subprocess
import SystemPackage
import Threading

/// Runs a credential plugin: a process in production, a closure in tests.
protocol PluginRunner: Sendable {
  /// Returns its standard output.
  func run(_ plugin: ExecPlugin, executionInfo: String) async throws(CredentialError) -> String
}

struct SubprocessPluginRunner: PluginRunner {
  /// Cloud plugins talk to their cloud; one that takes longer than this is stuck.
  var timeout = Duration.seconds(60)

  func run(_ plugin: ExecPlugin, executionInfo: String) async throws(CredentialError) -> String {
    var environment: [Environment.Key: String?] = ["KUBERNETES_EXEC_INFO": executionInfo]
    for (name, value) in plugin.environment { environment[Environment.Key(stringLiteral: name)] = value }
    let command = plugin.command
    do {
      try SpareDescriptors.check()
      return try await withTimeout { [environment] in
        let executable: Executable = command.contains("/") ? .path(FilePath(command)) : .name(command)
        let result = try await Subprocess.run(
          executable, arguments: Arguments(plugin.arguments), environment: .inherit.updating(environment),
          output: .string(limit: 1 << 20), error: .string(limit: 64 << 10))
        guard result.terminationStatus.isSuccess else {
          throw CredentialError.plugin(
            command: command, reason: "\(result.terminationStatus)", stderr: Self.tail(result.standardError))
        }
        return result.standardOutput
      }
    } catch let error as CredentialError {
      throw error
    } catch let error as SubprocessError where error.code == .executableNotFound {
      let hint = plugin.installHint.isEmpty ? "" : "; \(plugin.installHint)"
      throw .plugin(command: command, reason: "not found\(hint)", stderr: "")
    } catch {
      throw .plugin(command: command, reason: "\(error)", stderr: "")
    }
  }

  private func withTimeout(_ body: @escaping @Sendable () async throws -> String) async throws -> String {
    try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      guard let output = try await group.next() ?? nil else { throw PluginTimeout(limit: timeout) }
      return output
    }
  }

  private static func tail(_ text: String) -> String { String(text.suffix(2000)).trimmedOfSpace }
}

struct PluginTimeout: Error, CustomStringConvertible {
  var limit: Duration
  var description: String { "it did not end within \(limit)" }
}
