import Glibc
import ServiceModel

/// The file system of this host. The path `-` is standard input.
package struct FileSystem: ManifestStorage {
  private static let chunkSize = 256 << 10

  package init() {}

  package func kind(of path: String) throws(FileError) -> FileKind {
    if path == "-" { return .other }
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError(operation: "stat", path: path, code: errno) }
    return switch status.st_mode & S_IFMT {
    case S_IFDIR: .directory
    case S_IFREG: .other
    default: .special
    }
  }

  package func names(in directory: String) throws(FileError) -> [String] {
    guard let stream = opendir(directory) else {
      throw FileError(operation: "opendir", path: directory, code: errno)
    }
    defer { closedir(stream) }
    var result: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { result.append(name) }
    }
    guard errno == 0 else { throw FileError(operation: "readdir", path: directory, code: errno) }
    return result
  }

  package func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    defer { if path != "-" { close(descriptor) } }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileSystem.chunkSize, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count > 0 {
        try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      } else if errno != EINTR {
        throw FileError(operation: "read", path: path, code: errno)
      }
    }
  }
}

extension FileError: CustomStringConvertible {
  /// `cannot open services.yaml: No such file or directory`.
  package var description: String {
    let name = path == "-" ? "standard input" : path.printable
    return "cannot \(operation) \(name): \(String(cString: strerror(code)))"
  }

  static func tooLarge(_ path: String) -> FileError { FileError(operation: "read", path: path, code: EFBIG) }

  package static func missing(_ operation: String, _ path: String) -> FileError {
    FileError(operation: operation, path: path, code: ENOENT)
  }
}
