import KubernetesAPI

/// Files in memory for tests: paths and their contents. A path is a directory if another path lies below it.
package struct MemoryFiles: ManifestStorage {
  package var files: [String: [UInt8]]

  package init(_ files: [String: String] = [:]) {
    self.files = files.mapValues { Array($0.utf8) }
  }

  package func kind(of path: String) throws(FileError) -> FileKind {
    if files[path] != nil { return .other }
    if files.keys.contains(where: { $0.hasPrefix(path + "/") }) { return .directory }
    throw FileError.missing("stat", path)
  }

  package func names(in directory: String) throws(FileError) -> [String] {
    let below = files.keys.filter { $0.hasPrefix(directory + "/") }.map { $0.dropFirst(directory.count + 1) }
    if below.isEmpty { throw FileError.missing("opendir", directory) }
    return Array(Set(below.map { String($0.prefix { $0 != "/" }) }))
  }

  package func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let bytes = files[path] else { throw FileError.missing("open", path) }
    try bytes.withUnsafeBytes(take)
  }
}
