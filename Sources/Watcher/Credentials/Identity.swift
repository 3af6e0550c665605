/// What one request says of who we are and checks the server by: a picture of files, plugins and settings at a moment.
struct Identity: Sendable, Hashable {
  struct PEM: Sendable, Hashable {
    var bytes: [UInt8]
    /// The file, or the field of the kubeconfig, for messages.
    var source: String
  }

  var authority: PEM?
  var certificate: PEM?
  var key: PEM?
  /// Authorization, if there is one.
  var headers: [String: String] = [:]
}
