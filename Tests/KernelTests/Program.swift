import Foundation
import Glibc
import Lab
import Testing

/// The program under test, as this build made it.
enum Program {
  /// Beside the test bundle, which is the running executable.
  static let path: String = {
    let bundle = ProcessInfo.processInfo.arguments[0]
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? bundle
    return URL(filePath: running).deletingLastPathComponent().appending(path: "swift-kube-proxy").path
  }()

  static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}

/// A folder that is removed with its owner.
final class ScratchFolder: Sendable {
  let url: URL
  var path: String { url.path }

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "kernel-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file in one step, so that no reader sees a part of it.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appending(path: name), options: .atomic)
  }

  /// Another process writes the program. If this process had the file open, a test that runs at the same time could
  /// start a child, which has copies of all descriptors for a moment. The kernel does not execute a file that is open
  /// for writing (ETXTBSY).
  func writeProgram(_ text: String, to name: String) async throws {
    try await Command(["install", "-m", "755", "/dev/stdin", url.appending(path: name).path], input: text).run()
  }
}

extension Trait where Self == ConditionTrait {
  static var needsRoot: ConditionTrait { .enabled(if: geteuid() == 0, "needs root for network namespaces") }
}
