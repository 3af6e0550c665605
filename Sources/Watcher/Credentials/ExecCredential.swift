import Configuration
import FoundationEssentials
import ServiceModel
import Time

/// The output of a credential plugin: the status of an ExecCredential (client.authentication.k8s.io/v1 and v1beta1).
package struct ExecCredential: Sendable, Equatable {
  var token: String?
  var certificate: Identity.PEM?
  var key: Identity.PEM?
  /// nil: valid until the server rejects it.
  var expiration: WallTime?

  private struct Document: Decodable {
    struct Status: Decodable {
      var token: String?
      var clientCertificateData: String?
      var clientKeyData: String?
      var expirationTimestamp: String?
    }
    var kind: String?
    var apiVersion: String?
    var status: Status?
  }

  /// Reads a plugin's output.
  /// - Throws: `.plugin` if the output is not a valid ExecCredential of the requested version.
  package init(_ output: String, plugin: ExecPlugin) throws(CredentialError) {
    func invalid(_ reason: String) -> CredentialError {
      .plugin(command: plugin.command, reason: reason, stderr: "")
    }
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(output.utf8)) else {
      throw invalid("its output is not an ExecCredential in JSON")
    }
    guard document.kind == "ExecCredential", document.apiVersion == plugin.apiVersion else {
      let found = "\(document.kind?.quoted ?? "no kind") of \(document.apiVersion?.quoted ?? "no apiVersion")"
      throw invalid("its output is \(found), not ExecCredential of \(plugin.apiVersion)")
    }
    guard let status = document.status else { throw invalid("its ExecCredential has no status") }
    token = status.token.flatMap { $0.isEmpty ? nil : $0 }
    let origin = "of credential plugin \(plugin.command)"
    certificate = status.clientCertificateData.map {
      Identity.PEM(bytes: Array($0.utf8), source: "clientCertificateData \(origin)")
    }
    key = status.clientKeyData.map { Identity.PEM(bytes: Array($0.utf8), source: "clientKeyData \(origin)") }
    guard (certificate == nil) == (key == nil) else {
      throw invalid("its ExecCredential has only one of clientCertificateData and clientKeyData")
    }
    guard token != nil || certificate != nil else {
      throw invalid("its ExecCredential has neither a token nor a client certificate")
    }
    if let text = status.expirationTimestamp {
      guard let time = WallTime(rfc3339: text) else {
        throw invalid("expirationTimestamp \(text.quoted) is not an RFC 3339 time")
      }
      expiration = time
    }
  }
}
