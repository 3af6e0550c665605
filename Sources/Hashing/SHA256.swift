import CCrypto
import Synchronization

/// SHA-256 (FIPS 180-4), computed by libcrypto.
///
/// A large cluster has hundreds of thousands of chain names. OpenSSL 3 looks an algorithm up by its name and allocates
/// a context for each hash unless the caller keeps both, which takes longer than the hash itself.
package final class SHA256: Sendable {
  package typealias Digest = InlineArray<32, UInt8>

  fileprivate static let shared = SHA256()

  fileprivate let algorithm: Algorithm
  /// One thread at a time uses the context.
  private let context: Mutex<Context>

  private init() {
    algorithm = Algorithm()
    context = Mutex(Context())
  }

  /// The digest of the UTF-8 of `parts`, joined without anything between them.
  package static func digest(of parts: [String]) -> Digest {
    shared.context.withLock { context in
      context.begin(shared.algorithm)
      for var part in parts { part.withUTF8 { context.add(UnsafeRawBufferPointer($0)) } }
      return context.finish()
    }
  }
}

/// A hash of data that is added in pieces.
package struct RunningSHA256: ~Copyable {
  private let context = Context()

  package init() { context.begin(SHA256.shared.algorithm) }

  package mutating func add(_ bytes: UnsafeRawBufferPointer) { context.add(bytes) }

  /// The digest of everything added.
  package consuming func digest() -> SHA256.Digest { context.finish() }
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

/// The state of a hash that is being computed. Once there is a context, none of libcrypto's calls fails. If one fails
/// nevertheless, the program ends, because a wrong chain name would send packets to the wrong chain.
///
/// It is a class, because optimised builds of Swift 6.3 do not link if another module destroys a value that contains a
/// private type that cannot be copied.
private final class Context {
  private let pointer: OpaquePointer

  init() {
    guard let pointer = EVP_MD_CTX_new() else { fatalError("no memory for a context of SHA-256") }
    self.pointer = pointer
  }

  deinit { EVP_MD_CTX_free(pointer) }

  func begin(_ algorithm: Algorithm) { check(EVP_DigestInit_ex2(pointer, algorithm.pointer, nil)) }

  func add(_ bytes: UnsafeRawBufferPointer) {
    check(EVP_DigestUpdate(pointer, bytes.baseAddress, bytes.count))
  }

  func finish() -> SHA256.Digest {
    var digest = SHA256.Digest(repeating: 0)
    withUnsafeMutableBytes(of: &digest) { check(EVP_DigestFinal_ex(pointer, $0.baseAddress, nil)) }
    return digest
  }

  private func check(_ result: Int32) { precondition(result == 1, "libcrypto failed to compute a SHA-256") }
}
