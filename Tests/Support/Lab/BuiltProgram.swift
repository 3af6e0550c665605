import Foundation

/// Programs that the running build has made.
package enum BuiltProgram {
  /// The path of a program beside the running executable. For a test that is the test bundle.
  package static func path(_ name: String) -> String {
    let first = ProcessInfo.processInfo.arguments[0]
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? first
    return URL(filePath: running).deletingLastPathComponent().appending(path: name).path
  }
}
