/// The kubeconfig of a proxy in the lab.
package enum LabKubeconfig {
  /// - Parameters:
  ///   - authority: the file with the certificate of the server's authority.
  ///   - user: the fields of the user, as a YAML mapping without braces.
  package static func text(server: String, authority: String, user: String) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: lab
    clusters: [{name: lab, cluster: {server: "\(server)", certificate-authority: "\(authority)"}}]
    contexts: [{name: lab, context: {cluster: lab, user: proxy}}]
    users: [{name: proxy, user: {\(user)}}]

    """
  }
}

extension TestCertificates {
  /// The client's certificate as the user of a kubeconfig.
  package var kubeconfigUser: String {
    "client-certificate: \"\(clientCertificate)\", client-key: \"\(clientKey)\""
  }
}
