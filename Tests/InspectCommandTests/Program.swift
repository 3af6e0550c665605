import Foundation
import Lab

/// The program under test, from this build. It runs in the package's root folder.
enum Program {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let examples = root.appending(path: "manifests/examples").path

  /// Beside the test bundle, which is the running executable.
  static let path: String = {
    let bundle = ProcessInfo.processInfo.arguments[0]
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? bundle
    return URL(filePath: running).deletingLastPathComponent().appending(path: "swift-kube-proxy").path
  }()

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

/// A folder that is removed with its owner.
final class ScratchFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "inspect-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, to name: String) throws -> String {
    let file = url.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}
