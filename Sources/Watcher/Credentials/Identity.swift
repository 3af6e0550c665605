import HTTP

/// The credentials of one request, and the certificate authority for verifying the server: a copy of files, plugin
/// output and settings at one moment.
struct Identity: Sendable, Hashable {
  struct PEM: Sendable, Hashable {
    var bytes: [UInt8]
    /// The file or the kubeconfig field, for messages.
    var source: String
  }

  var authority: PEM?
  var certificate: PEM?
  var key: PEM?
  /// The Authorization header, if there is one.
  var headers: HTTPHeaders = [:]
}
