import Glibc
import KubernetesAPI
import System

/// Writes a command's output. Errors name the file.
enum FileDescriptorWriter {
  static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    do throws(SystemError) {
      try Descriptor.write(bytes, to: descriptor)
    } catch {
      throw FileError(operation: "write", path: path, code: error.code)
    }
  }

  /// Makes a file with these bytes, or replaces its content.
  static func write(_ bytes: [UInt8], toFile path: String) throws(FileError) {
    let file = try create(path)
    do throws(SystemError) {
      try file.write(bytes)
    } catch {
      throw FileError(operation: "write", path: path, code: error.code)
    }
  }

  private static func create(_ path: String) throws(FileError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
    } catch {
      throw FileError(operation: "open", path: path, code: error.code)
    }
  }
}
