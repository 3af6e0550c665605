import Hashing

/// Tells clusters apart by what a daemon knows without further rights: its API server's URL and the certificate authority
/// that it trusts.
///
/// The UID of Namespace kube-system would survive a change of both, but to read it takes a right that a service proxy has
/// not, and an API server that answers.
package struct ClusterIdentity: Hashable, Sendable, CustomStringConvertible {
  package static let byteCount = 32
  package let bytes: [UInt8]

  /// - Parameters:
  ///   - server: the URL.
  ///   - certificateAuthority: as PEM; nil where the system's authorities are trusted.
  package init(server: String, certificateAuthority: [UInt8]?) {
    var hash = RunningSHA256()
    // No URL has a line break, so that no other pair gives the same text.
    Array("\(server)\n".utf8).withUnsafeBytes { hash.add($0) }
    certificateAuthority?.withUnsafeBytes { hash.add($0) }
    bytes = withUnsafeBytes(of: hash.digest()) { Array($0) }
  }

  /// nil unless there are as many bytes as an identity has.
  init?(bytes: [UInt8]) {
    guard bytes.count == ClusterIdentity.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Enough of it to tell two apart.
  package var description: String {
    bytes.prefix(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
