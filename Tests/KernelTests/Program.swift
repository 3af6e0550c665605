import Foundation
import Glibc
import Lab
import Testing

/// The program under test, as this build made it.
enum Program {
  static let path = BuiltProgram.path("swift-kube-proxy")

  static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}

extension ScratchFolder {
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
