import Foundation

@testable import StateFile

/// A folder with a state file. It is removed with its owner.
final class ScratchFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "state-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var statePath: String { path + "/state" }
  var file: StateFile { StateFile(path: statePath) }

  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

  func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: statePath))) }

  /// With the mode that a state file has.
  func put(_ bytes: [UInt8], mode: Int = 0o600) throws {
    try Data(bytes).write(to: URL(filePath: statePath))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: statePath)
  }
}

extension StateFile {
  /// Whatever the header says.
  func readAny() throws(StateFileError) -> SavedState { try read { (_) throws(StateFileError) in } }
}
