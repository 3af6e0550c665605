import Foundation
import Lab

/// The program under test, from this build. It runs in the package's root folder.
enum Program {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let examples = root.appending(path: "manifests/examples").path

  static let path = BuiltProgram.path("swift-kube-proxy")

  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> CommandResult {
    try await Command([path] + arguments, environment: environment, input: input).result()
  }

  /// Runs a command on the examples, from the view of worker-a.
  static func ask(_ command: String, _ arguments: String...) async throws -> CommandResult {
    try await ask(command, arguments)
  }

  static func ask(_ command: String, _ arguments: [String]) async throws -> CommandResult {
    try await run(
      [command, "--manifests", examples, "--hostname-override", "worker-a", "--cluster-cidr", "10.10.0.0/16"]
        + arguments)
  }
}
