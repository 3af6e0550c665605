import Foundation

/// The credentials that the server accepts. With nothing set, it accepts every request.
package struct Authentication: Sendable {
  /// Bearer tokens at the start; see `APIServer.validTokens`.
  package var tokens: Set<String> = []
  /// `user:password` of basic authentication.
  package var basic: Set<String> = []
  /// Common names of client certificates.
  package var commonNames: Set<String> = []

  package init(tokens: Set<String> = [], basic: Set<String> = [], commonNames: Set<String> = []) {
    self.tokens = tokens
    self.basic = basic
    self.commonNames = commonNames
  }

  /// 401 or 403 as the API server answers, or nil when the request may pass.
  func refusal(of request: ServerRequest, validTokens: Set<String>) -> ServerResponse? {
    if tokens.isEmpty && basic.isEmpty && commonNames.isEmpty { return nil }
    if let name = request.clientCertificate, commonNames.contains(name) { return nil }
    guard let header = request.headers["authorization"] else {
      return .failure(
        403, reason: "Forbidden", message: "User system:anonymous cannot get path \(request.path)")
    }
    if header.hasPrefix("Bearer "), validTokens.contains(String(header.dropFirst(7))) { return nil }
    if header.hasPrefix("Basic "), let data = Data(base64Encoded: String(header.dropFirst(6))),
      basic.contains(String(decoding: data, as: UTF8.self))
    {
      return nil
    }
    return .failure(401, reason: "Unauthorized", message: "Unauthorized")
  }
}
