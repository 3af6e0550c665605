import Configuration

extension APIServerConnection {
  /// The certificate authority as PEM, as it is now; nil where the system's authorities are trusted.
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
