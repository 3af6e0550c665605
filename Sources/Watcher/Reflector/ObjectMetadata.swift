import KubernetesAPI

/// Which object something is about. Unchecked text from the API, good as a key and in messages.
struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Empty for objects without one.
  var namespace: String
  var name: String

  static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }

  var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

/// Of an object's `metadata` what following it needs.
struct ObjectMetadata: Hashable, Sendable {
  var key: ObjectKey
  var resourceVersion: String

  /// Resource versions are ever growing numbers (KEP-5504); nil for one that is none.
  var version: UInt64? { UInt64(resourceVersion) }
}

extension ObjectMetadata {
  init(_ reference: ObjectReference, resourceVersion: String) {
    self.init(
      key: ObjectKey(namespace: reference.namespace, name: reference.name), resourceVersion: resourceVersion)
  }
}

extension APIStatus {
  /// The version that was asked for is no longer there: 410 in its forms.
  var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

  /// A server that is behind (another replica, a restored backup): its version is smaller than the one asked for. The
  /// API has no reason of its own for it, only this message (and a cause, which older servers leave out).
  var isVersionTooLarge: Bool { message.contains("Too large resource version") }
}
