/// Where manifests and configuration files are read from: the file system, or memory in tests.
public protocol ManifestStorage: Sendable {
  /// What is at `path`, symbolic links followed.
  func kind(of path: String) throws(FileError) -> FileKind

  /// The names in a directory, in no order, without `.` and `..`.
  func names(in directory: String) throws(FileError) -> [String]

  /// Reads a file from start to end and hands over its bytes in pieces as they come.
  func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws
}

public enum FileKind: Hashable, Sendable {
  case directory
  case other
  /// A pipe, a socket or a device: reading may wait for ever, or never come to an end.
  case special
}

/// A file that could not be read or written.
public struct FileError: Error, Hashable, Sendable {
  /// What was attempted, as `open`.
  public var operation: String
  public var path: String
  /// errno(3).
  public var code: Int32

  public init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}

extension ManifestStorage {
  /// The whole file.
  /// - Parameter limit: the number of bytes above which it is refused (EFBIG).
  public func contents(of path: String, limit: Int = 256 << 20) throws(FileError) -> [UInt8] {
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
