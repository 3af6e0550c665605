import Foundation
import Glibc

/// A directory for one test. It is removed with the last reference to this object.
final class TemporaryDirectory: Sendable {
  struct Failure: Error {
    var operation: String
    var code = errno
  }

  let root: String

  init() throws {
    var template = Array("/tmp/watcher-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(operation: "mkdtemp") }
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { "\(root)/\(name)" }

  /// Makes a file or replaces its content, with one call of write(2).
  func write(_ name: String, _ text: String) throws {
    let descriptor = open(path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure(operation: "open \(name)") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure(operation: "write \(name)") }
  }

  func rename(_ old: String, _ new: String) throws {
    guard Glibc.rename(path(old), path(new)) == 0 else { throw Failure(operation: "rename \(old)") }
  }

  func remove(_ name: String) throws {
    guard unlink(path(name)) == 0 else { throw Failure(operation: "unlink \(name)") }
  }

  func makeDirectory(_ name: String) throws {
    guard mkdir(path(name), 0o755) == 0 else { throw Failure(operation: "mkdir \(name)") }
  }

  func link(_ name: String, to target: String) throws {
    guard symlink(target, path(name)) == 0 else { throw Failure(operation: "symlink \(name)") }
  }
}
