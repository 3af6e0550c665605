import Glibc

/// This host's name from the kernel; empty if it cannot be read. The configuration check reports an empty name.
enum LocalHostName {
  static var current: String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let isRead = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { gethostname($0.baseAddress!, $0.count - 1) == 0 }
    }
    return isRead ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : ""
  }
}
