import Foundation
import ProtobufFixture

/// An object as the store holds it: its JSON on one line, the same in protobuf, and what selectors look at.
package struct StoredObject: Sendable, Equatable {
  package let resource: Resource
  package let namespace: String
  package let name: String
  package let resourceVersion: Int
  package let labels: [String: String]
  /// The values that field selectors can name.
  package let fields: [String: String]
  package let json: Data
  /// With its envelope.
  package let protobuf: [UInt8]

  package struct Key: Hashable, Sendable, Comparable {
    package let resource: Resource
    package let namespace: String
    package let name: String

    package init(_ resource: Resource, namespace: String = "", name: String) {
      self.resource = resource
      self.namespace = namespace
      self.name = name
    }

    /// Keys of one resource are sorted by namespace, then by name.
    package static func < (left: Key, right: Key) -> Bool {
      (left.namespace, left.name) < (right.namespace, right.name)
    }
  }

  package var key: Key { Key(resource, namespace: namespace, name: name) }
}

/// What is wrong with an object given to the store.
package struct ObjectError: Error, CustomStringConvertible {
  package let description: String
}

extension StoredObject {
  /// Takes `kind`, `apiVersion` and `metadata` out of a JSON object; what a server sets (uid, creationTimestamp,
  /// resourceVersion) is filled in.
  init(_ object: [String: Any], resourceVersion: Int) throws {
    guard let kind = object["kind"] as? String, let apiVersion = object["apiVersion"] as? String,
      let resource = Resource.all.first(where: { $0.kind == kind && $0.apiVersion == apiVersion })
    else { throw ObjectError(description: "not a kind that the fixture knows: \(object["kind"] ?? "none")") }
    var metadata = object["metadata"] as? [String: Any] ?? [:]
    guard let name = metadata["name"] as? String else { throw ObjectError(description: "\(kind) without a name") }
    let namespace = resource.isNamespaced ? metadata["namespace"] as? String ?? "default" : ""
    if resource.isNamespaced { metadata["namespace"] = namespace }
    metadata["resourceVersion"] = String(resourceVersion)
    if metadata["uid"] == nil { metadata["uid"] = UUID().uuidString.lowercased() }
    if metadata["creationTimestamp"] == nil { metadata["creationTimestamp"] = "2026-01-01T00:00:00Z" }
    var complete = object
    complete["metadata"] = metadata
    let spec = object["spec"] as? [String: Any] ?? [:]
    self.resource = resource
    self.namespace = namespace
    self.name = name
    self.resourceVersion = resourceVersion
    self.labels = metadata["labels"] as? [String: String] ?? [:]
    self.fields = [
      "metadata.name": name, "metadata.namespace": namespace, "spec.clusterIP": spec["clusterIP"] as? String ?? "",
      "spec.type": spec["type"] as? String ?? "",
    ]
    self.json = try JSONSerialization.data(withJSONObject: complete, options: [.sortedKeys, .withoutEscapingSlashes])
    self.protobuf = ProtobufEncoder.envelope(complete)
  }
}
