import Hashing
import IPTables
import ServiceModel

/// Names of service chains. They are kube-proxy's names, so that each program recognises the other's chains.
///
/// A name is a prefix and the first 16 characters of the base32 of a SHA-256 over the service port's name, its
/// protocol in lower case and, for endpoints, `address:port`.
enum ChainNaming {
  static func chain(_ prefix: ChainName.Prefix, of port: ServicePortName) -> ChainName {
    .hashed(prefix, hash(port.description, port.transport.lowercased))
  }

  static func endpoint(_ endpoint: String, of port: ServicePortName) -> ChainName {
    .hashed(.endpoint, hash(port.description, port.transport.lowercased, endpoint))
  }

  /// A name for a chain that holds a part of something larger, such as a group of endpoints. `parts` identify the
  /// chain.
  static func derived(_ prefix: ChainName.Prefix, _ parts: String...) -> ChainName {
    .hashed(prefix, hash(parts.flatMap { [$0, "\0"] }))
  }

  private static func hash(_ parts: String...) -> ChainName.Hash { hash(parts) }

  private static func hash(_ parts: [String]) -> ChainName.Hash {
    withUnsafeBytes(of: SHA256.digest(of: parts)) { ChainName.Hash(digest: $0) }
  }
}
