import Foundation
import FuzzReaders

/// The files in `Tests/Fuzz/Corpus/READER`.
enum Corpus {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fuzz/Corpus").standardized

  static func folders() throws -> [String] { try names(in: folder) }

  static func inputs(of reader: FuzzReader) throws -> [(file: String, bytes: [UInt8])] {
    let folder = folder.appending(path: reader.name)
    return try names(in: folder).map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
  }

  private static func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { !$0.hasPrefix(".") }.sorted()
  }
}
