import Hashing

/// Identifies a cluster by two values that a daemon knows without further permissions: the URL of its API server, and
/// the certificate authority that it trusts.
///
/// The UID of Namespace kube-system would stay the same if both values change. But a service proxy has no permission to
/// read it, and the API server would have to answer first.
package struct ClusterIdentity: Hashable, Sendable, CustomStringConvertible {
  package static let byteCount = 32
  package let bytes: [UInt8]

  /// - Parameters:
  ///   - server: the URL.
  ///   - certificateAuthority: as PEM; nil if the daemon trusts the system's authorities.
  package init(server: String, certificateAuthority: [UInt8]?) {
    var hash = RunningSHA256()
    // A URL has no line break, so two different pairs never give the same bytes.
    Array("\(server)\n".utf8).withUnsafeBytes { hash.add($0) }
    certificateAuthority?.withUnsafeBytes { hash.add($0) }
    bytes = withUnsafeBytes(of: hash.digest()) { Array($0) }
  }

  /// nil unless there are exactly `byteCount` bytes.
  init?(bytes: [UInt8]) {
    guard bytes.count == ClusterIdentity.byteCount else { return nil }
    self.bytes = bytes
  }

  /// The first bytes, which are enough to distinguish two clusters in a message.
  package var description: String {
    bytes.prefix(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
