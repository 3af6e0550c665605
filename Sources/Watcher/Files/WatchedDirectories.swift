import Glibc
import KubernetesAPI

/// Which directories, and what in them, tell of every change of what is at a path.
enum WatchedDirectories {
  /// Nothing of files that are not the file system's.
  static func of(_ path: String, in storage: any ManifestStorage) -> DirectoryInterests {
    storage is FileSystem ? of(path) : DirectoryInterests()
  }

  /// For a file: its name in the directory it stands in, and where it is a symbolic link, the same of what it points
  /// to, and so on. For a directory: everything in it as well. A path that does not exist is waited for in the nearest
  /// directory that does.
  static func of(_ path: String) -> DirectoryInterests {
    var result = DirectoryInterests()
    var current = path
    // As many links as the kernel follows.
    for _ in 0..<40 {
      addEntry(current, to: &result)
      // The directory may be a link too, as ..data is in a ConfigMap volume.
      let parent = parent(of: current)
      if let target = link(parent) {
        addEntry(parent, to: &result)
        addEntry(target, to: &result)
      }
      guard let target = link(current) else { break }
      current = target
    }
    if isDirectory(current) { result.add(current, .all) }
    return result
  }

  private static func addEntry(_ path: String, to result: inout DirectoryInterests) {
    let parent = parent(of: path)
    let directory = existing(parent)
    result.add(directory, directory == parent ? .some([name(of: path)]) : .all)
  }

  private static func trimmed(_ path: String) -> Substring {
    var rest = path[...]
    while rest.count > 1 && rest.hasSuffix("/") { rest = rest.dropLast() }
    return rest
  }

  private static func parent(of path: String) -> String {
    let path = trimmed(path)
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func name(of path: String) -> String {
    let path = trimmed(path)
    return String(path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path)
  }

  private static func existing(_ path: String) -> String {
    var current = path
    while !isDirectory(current) && current != "/" && current != "." { current = parent(of: current) }
    return current
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What a symbolic link points to, seen from where the program runs.
  private static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { readlink(path, $0.baseAddress!, $0.count) }
    }
    guard count > 0 else { return nil }
    let target = String(decoding: buffer.prefix(count), as: UTF8.self)
    return target.hasPrefix("/") ? target : "\(parent(of: path))/\(target)"
  }
}
