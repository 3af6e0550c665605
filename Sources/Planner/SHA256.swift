import CCrypto
import Synchronization

/// SHA-256 (FIPS 180-4), computed by libcrypto.
///
/// A large cluster has hundreds of thousands of chain names. OpenSSL 3 looks an algorithm up by its name and allocates a
/// context for each hash unless the caller keeps both, which takes longer than the hash itself.
final class SHA256: Sendable {
  typealias Digest = InlineArray<32, UInt8>

  private static let shared = SHA256()

  private let algorithm: Algorithm
  /// One thread at a time uses the context.
  private let context: Mutex<Context>

  private init() {
    algorithm = Algorithm()
    context = Mutex(Context())
  }

  /// The digest of the UTF-8 of `parts`, joined without anything between them.
  static func digest(of parts: [String]) -> Digest {
    shared.context.withLock { $0.digest(of: parts, by: shared.algorithm) }
  }
}

/// libcrypto's implementation of SHA-256. It does not change once it is fetched.
private final class Algorithm: @unchecked Sendable {
  let pointer: OpaquePointer

  init() {
    guard let pointer = EVP_MD_fetch(nil, "SHA2-256", nil) else {
      fatalError("libcrypto offers no SHA-256, which chain names need; check OpenSSL's configuration (openssl.cnf)")
    }
    self.pointer = pointer
  }

  deinit { EVP_MD_free(pointer) }
}

/// The state of a hash that is being computed.
private struct Context: ~Copyable {
  private let pointer: OpaquePointer

  init() {
    guard let pointer = EVP_MD_CTX_new() else { fatalError("no memory for a context of SHA-256") }
    self.pointer = pointer
  }

  deinit { EVP_MD_CTX_free(pointer) }

  mutating func digest(of parts: [String], by algorithm: Algorithm) -> SHA256.Digest {
    var digest = SHA256.Digest(repeating: 0)
    var isDone = EVP_DigestInit_ex2(pointer, algorithm.pointer, nil) == 1
    for var part in parts {
      isDone = part.withUTF8 { EVP_DigestUpdate(pointer, $0.baseAddress, $0.count) == 1 } && isDone
    }
    isDone = withUnsafeMutableBytes(of: &digest) { EVP_DigestFinal_ex(pointer, $0.baseAddress, nil) == 1 } && isDone
    // These calls do not fail once the context exists. A wrong chain name would send packets to the wrong chain.
    precondition(isDone, "libcrypto failed to compute a SHA-256")
    return digest
  }
}
