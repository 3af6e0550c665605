import Configuration
import KubernetesAPI
import Watcher

/// What tells the daemon how to reach the API server: kubeconfig files, and the output of credential plugins.
extension FuzzReader {
  package static let kubeconfig = FuzzReader("kubeconfig", words: kubeconfigWords) { (bytes) throws(Finding) in
    let file = OneFile(bytes: bytes, arrivesInPieces: false)
    switch Result(catching: { () throws(KubeconfigError) in try Kubeconfig.read(OneFile.path, storage: file) }) {
    case .success(let result): try check(result)
    case .failure(let error): try checkMessage(error.description)
    }
  }

  private static func check(_ result: APIServerConnection) throws(Finding) {
    try require(!result.server.isEmpty, "there is no server")
    switch result.credential {
    case .token(let token):
      // Otherwise a token could add headers to a request.
      try require(token.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "a token holds \(token.debugDescription)")
    case .exec(let exec):
      let texts = [exec.command] + exec.arguments + exec.environment.flatMap { [$0.key, $0.value] }
      try require(texts.allSatisfy { !$0.utf8.contains(0) }, "an argument of a plugin holds a NUL character")
    case .basic, .tokenFile, .none: break
    }
  }

  package static let credential = FuzzReader("credential", words: credentialWords) { (bytes) throws(Finding) in
    do throws(CredentialError) {
      _ = try ExecCredential(String(decoding: bytes, as: UTF8.self), plugin: ExecPlugin(command: "plugin"))
    } catch {
      try checkMessage(error.description)
    }
  }

  private static let kubeconfigWords = [
    "apiVersion: v1\n", "kind: Config\n", "clusters:\n", "contexts:\n", "users:\n", "current-context: ", "- name: a\n",
    "  cluster:\n", "  context: {cluster: a, user: a}\n", "  user:\n", "    server: https://a:6443\n",
    "    certificate-authority: ca.pem\n", "    certificate-authority-data: ", "    insecure-skip-tls-verify: true\n",
    "    tls-server-name: a\n", "    proxy-url: http://a\n", "    client-certificate: a\n",
    "    client-certificate-data: ",
    "    client-key: a\n", "    client-key-data: ", "    token: ", "    tokenFile: ", "    username: a\n",
    "    password: a\n", "    auth-provider: {}\n", "    as: a\n", "    exec:\n", "      command: a\n",
    "      apiVersion: client.authentication.k8s.io/v1\n", "      args: [a]\n", "      env: [{name: a, value: b}]\n",
    "      provideClusterInfo: true\n", "QQ==", "\"\\0\"",
  ]

  private static let credentialWords = [
    "\"kind\":\"ExecCredential\",", "\"apiVersion\":\"client.authentication.k8s.io/v1\",", "\"status\":{", "\"token\":",
    "\"clientCertificateData\":", "\"clientKeyData\":", "\"expirationTimestamp\":", "2026-11-28T00:00:00Z",
    "2026-11-28T00:00:00.123+01:00", "-0001-02-29", "+292277026596", "24:00:60", "\\u0000", "\\n",
  ]
}
