import COpenSSL
import Foundation
import Glibc

/// How the fixture speaks TLS. All values are paths of PEM files.
package struct ServerTLS: Sendable {
  package var certificate: String
  package var key: String
  /// The CAs that may sign client certificates. If nil, the server asks for no client certificate.
  package var clientCA: String?
  /// Whether HTTP/2 is offered (ALPN h2).
  package var offersHTTP2: Bool

  package init(certificate: String, key: String, clientCA: String? = nil, offersHTTP2: Bool = true) {
    self.certificate = certificate
    self.key = key
    self.clientCA = clientCA
    self.offersHTTP2 = offersHTTP2
  }
}

/// The server was not able to use its own certificate, or a handshake failed.
package struct ServerTLSError: Error, CustomStringConvertible {
  package let description: String

  init(_ what: String) {
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(ERR_get_error(), &text, text.count)
    description = "\(what): " + String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// Certificate, key and rules for clients, shared by all connections.
final class TLSContext: @unchecked Sendable {
  // @unchecked: an SSL_CTX is not changed after it was made, and OpenSSL counts its references atomically.
  fileprivate let context: OpaquePointer

  init(_ tls: ServerTLS) throws {
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw ServerTLSError("SSL_CTX_new") }
    self.context = context
    guard SSL_CTX_use_certificate_chain_file(context, tls.certificate) == 1 else {
      throw ServerTLSError(tls.certificate)
    }
    guard SSL_CTX_use_PrivateKey_file(context, tls.key, SSL_FILETYPE_PEM) == 1 else { throw ServerTLSError(tls.key) }
    if let clientCA = tls.clientCA {
      guard SSL_CTX_load_verify_locations(context, clientCA, nil) == 1 else { throw ServerTLSError(clientCA) }
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    }
    // As the API server: HTTP/2 if the client has it, else HTTP/1.1.
    SSL_CTX_set_alpn_select_cb(context, tls.offersHTTP2 ? selectHTTP2 : selectHTTP1, nil)
  }

  deinit { SSL_CTX_free(context) }
}

private typealias ALPNCallback =
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?,
    UInt32, UnsafeMutableRawPointer?
  ) -> CInt

private func select(
  _ wanted: [StaticString], _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ length: UnsafeMutablePointer<UInt8>?,
  _ offer: UnsafePointer<UInt8>?, _ offerLength: UInt32
) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: offer, count: Int(offerLength)))
  for name in wanted {
    let entry = [UInt8(name.utf8CodeUnitCount)] + name.description.utf8
    guard bytes.count >= entry.count,
      (0...(bytes.count - entry.count)).contains(where: { Array(bytes[$0..<($0 + entry.count)]) == entry })
    else { continue }
    out?.pointee = name.utf8Start
    length?.pointee = UInt8(name.utf8CodeUnitCount)
    return SSL_TLSEXT_ERR_OK
  }
  return SSL_TLSEXT_ERR_NOACK
}

private let selectHTTP1: ALPNCallback = { _, out, length, offer, size, _ in
  select(["http/1.1"], out, length, offer, size)
}
private let selectHTTP2: ALPNCallback = { _, out, length, offer, size, _ in
  select(["h2", "http/1.1"], out, length, offer, size)
}

/// A connection in TLS.
final class TLSChannel: ByteChannel {
  let descriptor: CInt
  private let session: OpaquePointer

  /// Performs the handshake. Owns the descriptor from the start.
  init(_ descriptor: CInt, context: TLSContext) throws {
    self.descriptor = descriptor
    guard let session = SSL_new(context.context) else {
      _ = Glibc.close(descriptor)
      throw ServerTLSError("SSL_new")
    }
    self.session = session
    SSL_set_fd(session, descriptor)
    guard SSL_accept(session) == 1 else {
      let error = ServerTLSError("handshake")
      drain()
      throw error
    }
  }

  /// Closing with unread bytes would reset the connection, and the alert that says why would be lost on the way.
  private func drain() {
    shutdown(descriptor, CInt(SHUT_WR))
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var bytes = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &bytes, bytes.count, 0) > 0 {}
  }

  /// The protocol that ALPN chose, if any.
  var applicationProtocol: String? {
    var name: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(session, &name, &length)
    guard length > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
  }

  var serverName: String? { SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) } }

  var clientCommonName: String? {
    guard let certificate = SSL_get1_peer_certificate(session) else { return nil }
    defer { X509_free(certificate) }
    var text = [CChar](repeating: 0, count: 256)
    guard X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, &text, 256) > 0 else {
      return nil
    }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Bytes that are decrypted already, which polling the socket would not show.
  var pendingBytes: Int { Int(SSL_pending(session)) }

  func read(upTo count: Int) throws -> Data {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = SSL_read(session, &bytes, CInt(count))
    if got > 0 { return Data(bytes.prefix(Int(got))) }
    if SSL_get_error(session, got) == SSL_ERROR_ZERO_RETURN { return Data() }
    throw ConnectionEnded()
  }

  func write(_ data: Data) throws {
    guard !data.isEmpty else { return }
    let sent = data.withUnsafeBytes { SSL_write(session, $0.baseAddress, CInt(data.count)) }
    guard sent == data.count else { throw ConnectionEnded() }
  }

  func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  deinit {
    SSL_free(session)
    _ = Glibc.close(descriptor)
  }
}
