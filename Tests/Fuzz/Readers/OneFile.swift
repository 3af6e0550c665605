import KubernetesAPI

/// A file system with a single file.
struct OneFile: ManifestStorage {
  static let path = "/file"
  let bytes: [UInt8]
  let arrivesInPieces: Bool

  func kind(of path: String) throws(FileError) -> FileKind { .other }

  func names(in directory: String) throws(FileError) -> [String] { [] }

  func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard arrivesInPieces else { return try bytes.withUnsafeBytes(take) }
    for piece in Pieces(bytes) { try piece.withUnsafeBytes(take) }
  }
}
