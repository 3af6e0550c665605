import Foundation

/// The program state-writer.
enum StateWriter {
  /// Beside the test bundle, which is the running executable.
  static let path: String = {
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
    return URL(filePath: running).deletingLastPathComponent().appending(path: "state-writer").path
  }()
}
