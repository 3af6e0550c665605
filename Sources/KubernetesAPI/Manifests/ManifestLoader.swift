import Glibc
import ServiceModel

/// Manifests that cannot be read at all.
package enum ManifestError: Error, Hashable, Sendable {
  case file(FileError)
  /// A directory without a file that ends in .yaml, .yml or .json.
  case noManifests(directory: String)
  /// A pipe, a socket or a device in a directory of manifests.
  case special(path: String)
}

extension ManifestError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let error): error.description
    case .noManifests(let directory): "\(directory.printable) contains no file whose name ends in .yaml, .yml or .json"
    case .special(let path): "\(path.printable) is not a regular file"
    }
  }
}

/// Reads Services, EndpointSlices, Nodes and ServiceCIDRs from YAML or JSON files. A file may contain several documents
/// or lists, as in the output of `kubectl get -o json|yaml` or as people write it.
package struct ManifestLoader: Sendable {
  private static let extensions = [".yaml", ".yml", ".json"]
  private let storage: any ManifestStorage

  package init(storage: any ManifestStorage = FileSystem()) { self.storage = storage }

  /// Reads a file, all manifests directly inside a directory (sorted by name, without names that begin with a dot), or
  /// standard input (`-`).
  ///
  /// Errors in single objects, or a syntax error in the middle of a file, are in the result's `failures`. The result
  /// contains all other objects.
  /// - Throws: `ManifestError` if a file cannot be read or the directory contains no manifests.
  package func load(_ path: String) throws(ManifestError) -> ManifestContents {
    var contents = ManifestContents()
    var decoder = ObjectDecoder()
    for file in try files(at: path) {
      do {
        var reader = ManifestReader(name: file == "-" ? "standard input" : file)
        try storage.read(file) {
          reader.consume($0, into: &contents, decoder: &decoder)
          // The rest of the file cannot be used, and a device may have no end.
          if reader.isBroken { throw Broken() }
        }
        reader.finish(into: &contents, decoder: &decoder)
      } catch is Broken {
        continue
      } catch let error as FileError {
        throw .file(error)
      } catch {
        preconditionFailure("reading a file failed with another error: \(error)")
      }
    }
    contents.warnOfIgnored()
    return contents
  }

  private struct Broken: Error {}

  /// nil if the file was removed in the meantime, or if it is a link to a file that does not exist.
  private func existingKind(of path: String) throws(FileError) -> FileKind? {
    do throws(FileError) {
      return try storage.kind(of: path)
    } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
  }

  /// The files that `load` would read.
  package func files(at path: String) throws(ManifestError) -> [String] {
    var files: [String] = []
    var special: String?
    do throws(FileError) {
      let directory = path.hasSuffix("/") && path != "/" ? String(path.dropLast()) : path
      guard try storage.kind(of: directory) == .directory else { return [path] }
      // Editors put locks and copies beside a file, with a dot in front. The kubelet skips such names too.
      let names = try storage.names(in: directory).filter { name in
        !name.hasPrefix(".") && ManifestLoader.extensions.contains { name.hasSuffix($0) }
      }
      for name in names.sorted() {
        switch try existingKind(of: "\(directory)/\(name)") {
        case .directory: continue
        // The error of the read names a link whose target does not exist. The target may come back, so it is followed.
        case nil, .other: files.append("\(directory)/\(name)")
        case .special: special = special ?? "\(directory)/\(name)"
        }
      }
    } catch {
      throw .file(error)
    }
    if let special { throw .special(path: special) }
    if files.isEmpty { throw .noManifests(directory: path) }
    return files
  }
}
