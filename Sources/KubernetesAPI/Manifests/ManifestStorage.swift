/// The source of manifests and configuration files: the file system, or memory in tests.
package protocol ManifestStorage: Sendable {
  /// The kind of file at `path`. Symbolic links are followed.
  func kind(of path: String) throws(FileError) -> FileKind

  /// The names in a directory, unsorted, without `.` and `..`.
  func names(in directory: String) throws(FileError) -> [String]

  /// Reads a file from start to end and passes its bytes to `take` in pieces.
  func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws
}

package enum FileKind: Hashable, Sendable {
  case directory
  case other
  /// A pipe, a socket or a device. Reading may block forever or never end.
  case special
}

/// A file that could not be read or written.
package struct FileError: Error, Hashable, Sendable {
  /// The operation that was attempted, such as `open`.
  package var operation: String
  package var path: String
  /// errno(3).
  package var code: Int32

  package init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}

extension ManifestStorage {
  /// Reads the whole file.
  /// - Parameter limit: the maximum size in bytes. A larger file is refused (EFBIG).
  package func contents(of path: String, limit: Int = 256 << 20) throws(FileError) -> [UInt8] {
    var result: [UInt8] = []
    do {
      try read(path) { bytes in
        guard result.count + bytes.count <= limit else { throw FileError.tooLarge(path) }
        result.append(contentsOf: bytes)
      }
    } catch let error as FileError {
      throw error
    } catch {
      preconditionFailure("reading a file failed with another error: \(error)")
    }
    return result
  }
}
