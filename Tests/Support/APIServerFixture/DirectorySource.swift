import Foundation
import YAML

/// Keeps a store equal to the JSON and YAML files of a directory: what appears in them is created, what changes is
/// updated, what goes away is deleted.
package final class DirectorySource {
  private struct Stamp: Equatable {
    let modified: Date
    let size: Int
  }

  private let directory: String
  private let store: ObjectStore
  private var stamps: [String: Stamp] = [:]
  private var contents: [StoredObject.Key: NSDictionary] = [:]
  private var files: [String: [StoredObject.Key: NSDictionary]] = [:]

  package init(directory: String, store: ObjectStore) {
    self.directory = directory
    self.store = store
  }

  /// Reads files that changed since the last call and tells the store.
  /// - Throws: for a file that cannot be read; its objects stay as they were.
  package func refresh() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter {
      $0.hasSuffix(".json") || $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
    }
    var failure: (any Error)?
    for name in names.sorted() {
      let path = directory + "/" + name
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      let stamp = Stamp(
        modified: attributes[.modificationDate] as? Date ?? .distantPast, size: attributes[.size] as? Int ?? 0)
      guard stamps[name] != stamp else { continue }
      do {
        files[name] = try read(path)
        stamps[name] = stamp
      } catch {
        failure = error
      }
    }
    for name in files.keys where !names.contains(name) {
      files[name] = nil
      stamps[name] = nil
    }
    try publish()
    if let failure { throw failure }
  }

  private func publish() throws {
    // If an object is in several files, the last file wins.
    let wanted = files.sorted { $0.key < $1.key }.reduce(into: [:]) { $0.merge($1.value) { _, new in new } }
    for (key, object) in wanted.sorted(by: { $0.key < $1.key }) where contents[key] != object {
      try store.apply(object as? [String: Any] ?? [:])
    }
    for key in contents.keys where wanted[key] == nil { store.delete(key) }
    contents = wanted
  }

  private func read(_ path: String) throws -> [StoredObject.Key: NSDictionary] {
    var found: [StoredObject.Key: NSDictionary] = [:]
    for json in try documents(path) {
      guard let object = try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed) as? [String: Any]
      else { continue }
      for item in object["items"] as? [[String: Any]] ?? [object] {
        found[try StoredObject(item, resourceVersion: 0).key] = item as NSDictionary
      }
    }
    return found
  }

  /// The documents of a file, each as JSON.
  private func documents(_ path: String) throws -> [Data] {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    if path.hasSuffix(".json") { return [bytes] }
    let documents = YAMLDocuments(String(decoding: bytes, as: UTF8.self))
    var result: [Data] = []
    while let document = try documents.next() { result.append(Data(try YAMLToJSON.convert(document.root))) }
    return result
  }
}
