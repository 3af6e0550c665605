import Glibc
import KubernetesAPI

/// Finds the directories and names to watch in order to notice every change at a path.
enum WatchedDirectories {
  /// Empty if the storage is not the real file system.
  static func of(_ path: String, in storage: any ManifestStorage) -> DirectoryInterests {
    storage is FileSystem ? of(path) : DirectoryInterests()
  }

  /// For a file: its name in its directory. For a directory: also everything in it. If one of the names in the path is
  /// a symbolic link, also this name in its directory, and so on for the link's target. If a path does not exist, the
  /// nearest existing parent directory is watched.
  static func of(_ path: String) -> DirectoryInterests {
    var result = DirectoryInterests()
    var current = path
    // The kernel also follows at most 40 links.
    for _ in 0..<40 {
      guard let link = firstLink(in: current) else { break }
      addEntry(link.path, to: &result)
      current = link.resolved
    }
    addEntry(current, to: &result)
    if isDirectory(current) { result.add(current, .all) }
    return result
  }

  private struct Link {
    let path: String
    /// The whole path, with the link's target instead of the link.
    let resolved: String
  }

  /// The first name in a path that is a symbolic link, such as `..data` in a ConfigMap volume.
  private static func firstLink(in path: String) -> Link? {
    let path = trimmed(path)
    var end = path.startIndex
    while end < path.endIndex {
      let start = path[end...].firstIndex { $0 != "/" } ?? path.endIndex
      end = path[start...].firstIndex(of: "/") ?? path.endIndex
      let front = String(path[..<end])
      if let target = link(front) { return Link(path: front, resolved: target + path[end...]) }
    }
    return nil
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

  /// The target of a symbolic link, as a path that the process can open.
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
