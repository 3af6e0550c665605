/// Why an answer is missing or incomplete.
package enum HTTPError: Error, Sendable, Equatable {
  /// The name or address of the server (or proxy) could not be resolved or reached.
  case unreachable(server: String, detail: String)
  /// TLS failed. `TLSFailure` names the certificate or file.
  case tls(TLSFailure)
  /// The server did not start its answer in time.
  case noAnswer(after: Duration)
  /// Nothing arrived for so long that the connection is considered dead.
  case idle(after: Duration)
  /// The connection was lost during the answer.
  case cut(detail: String)
  /// The answer is not valid HTTP.
  case protocolViolation(detail: String)
  case credentials(CredentialError)
  case cancelled
}

/// What failed in TLS, and which certificate or file is the cause.
package struct TLSFailure: Error, Sendable, Hashable {
  package enum Fault: Sendable, Hashable {
    /// The server's certificate was not accepted. `authority` is the certificate authority that was used to verify it.
    case serverCertificate(server: String, authority: String)
    /// The client's certificate or key could not be used.
    case clientCertificate(source: String)
    /// The certificate authority could not be read as PEM.
    case authority(source: String)
    /// The two sides did not agree. Often this means that the server rejected the client's certificate.
    case handshake(server: String, clientCertificate: String?)
  }

  package var fault: Fault
  /// The error text of libcurl and OpenSSL.
  package var detail: String

  package init(fault: Fault, detail: String) {
    self.fault = fault
    self.detail = detail
  }
}

extension HTTPError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let server, let detail): "cannot reach \(server): \(detail)"
    case .tls(let failure): failure.description
    case .noAnswer(let timeout): "the server did not begin to answer within \(timeout)"
    case .idle(let timeout): "the connection was silent for \(timeout)"
    case .cut(let detail): "the connection was cut: \(detail)"
    case .protocolViolation(let detail): "the answer is not valid HTTP: \(detail)"
    case .credentials(let error): error.description
    case .cancelled: "cancelled"
    }
  }
}

extension TLSFailure: CustomStringConvertible {
  package var description: String {
    switch fault {
    case .serverCertificate(let server, let authority):
      "the certificate of \(server) is not accepted (checked against \(authority)): \(detail)"
    case .clientCertificate(let source): "client certificate \(source) cannot be used: \(detail)"
    case .authority(let source): "certificate authority \(source) cannot be used: \(detail)"
    case .handshake(let server, let certificate):
      "TLS with \(server) failed (client certificate: \(certificate ?? "none")): \(detail)"
    }
  }
}
