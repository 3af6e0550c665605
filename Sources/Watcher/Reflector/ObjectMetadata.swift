import KubernetesAPI

/// Namespace and name of an object. It is unchecked text from the API, so it is only used as a key.
struct ObjectKey: Hashable, Sendable, Comparable {
  /// Empty for an object without a namespace.
  var namespace: String
  var name: String

  static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}

/// The parts of an object's `metadata` that a reflector needs.
struct ObjectMetadata: Hashable, Sendable {
  var key: ObjectKey
  var resourceVersion: String

  /// Resource versions are increasing numbers (KEP-5504). nil if the text is not a number.
  var version: UInt64? { UInt64(resourceVersion) }
}

extension ObjectMetadata {
  init(_ reference: ObjectReference, resourceVersion: String) {
    self.init(
      key: ObjectKey(namespace: reference.namespace, name: reference.name), resourceVersion: resourceVersion)
  }
}

extension APIStatus {
  /// Whether the requested version no longer exists: any form of 410.
  var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

  /// Whether the server's version is smaller than the requested one, because it is a replica that is behind or was
  /// restored from a backup. The API has no separate reason for this, only the message (and a cause, which older
  /// servers leave out).
  var isVersionTooLarge: Bool { message.contains("Too large resource version") }
}
