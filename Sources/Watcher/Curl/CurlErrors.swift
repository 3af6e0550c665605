import CCurl

extension CurlSetup {
  /// Converts libcurl's code and text to a typed error that names the certificate, file or server.
  /// - Parameter hasHead: whether the server had started its answer.
  func error(_ code: CURLcode, detail words: String, hasHead: Bool) -> HTTPError {
    let general = String(cString: curl_easy_strerror(code))
    let detail = words.isEmpty ? general : words
    let certificate = identity.certificate?.source
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
      CURLE_PROXY:
      return .unreachable(server: server.authority, detail: detail)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      let authority = identity.authority?.source ?? "the system's certificate authorities"
      let name = tlsServerName.map { "\(server.authority) (as \($0))" } ?? server.authority
      return .tls(TLSFailure(fault: .serverCertificate(server: name, authority: authority), detail: detail))
    case CURLE_SSL_CACERT_BADFILE:
      let source = identity.authority?.source ?? "of the system"
      return .tls(TLSFailure(fault: .authority(source: source), detail: detail))
    case CURLE_SSL_CERTPROBLEM:
      let source = [certificate, identity.key?.source].compactMap { $0 }.joined(separator: " with key ")
      return .tls(TLSFailure(fault: .clientCertificate(source: source), detail: detail))
    case CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED, CURLE_SSL_CIPHER:
      return handshake(detail)
    // In TLS 1.3 a server rejects a client certificate only after the handshake, with an alert.
    case CURLE_RECV_ERROR where detail.contains("alert"), CURLE_SEND_ERROR where detail.contains("alert"):
      return handshake(detail)
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_URL_MALFORMAT:
      return .protocolViolation(detail: detail)
    default:
      // In TLS 1.3 a server that rejects a client certificate may close the connection before its alert is read.
      guard let certificate, !hasHead else { return .cut(detail: detail) }
      return .cut(
        detail: "\(detail) (if this error repeats, the server may be rejecting client certificate \(certificate))")
    }
  }

  private func handshake(_ detail: String) -> HTTPError {
    let fault = TLSFailure.Fault.handshake(
      server: server.authority, clientCertificate: identity.certificate?.source)
    return .tls(TLSFailure(fault: fault, detail: detail))
  }
}
