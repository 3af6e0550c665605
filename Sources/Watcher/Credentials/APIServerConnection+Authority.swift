import Configuration

extension APIServerConnection {
  /// The current certificate authority as PEM; nil if the proxy trusts the system's authorities.
  /// - Throws: ``CredentialError`` if its file cannot be read.
  package func certificateAuthorityPEM() throws -> [UInt8]? {
    switch certificateAuthority {
    case nil: return nil
    case .data(let bytes, _): return bytes
    case .file(let path):
      var file = RotatingFile(path: path)
      return try file.contents()
    }
  }
}
