import Doubles
import Testing

@testable import Configuration
@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(5))) struct KubeconfigTests {
  /// As kubeadm writes it into the ConfigMap kube-system/kube-proxy.
  @Test func `kubeadm's kubeconfig`() throws {
    let kubeconfig = try read(
      """
      apiVersion: v1
      kind: Config
      clusters:
      - cluster:
          certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
          server: https://kind-control-plane:6443
        name: default
      contexts:
      - context:
          cluster: default
          namespace: default
          user: default
        name: default
      current-context: default
      users:
      - name: default
        user:
          tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
      """)
    #expect(kubeconfig.server == "https://kind-control-plane:6443")
    #expect(kubeconfig.certificateAuthority == .file(path: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"))
    #expect(kubeconfig.credential == .tokenFile(path: "/var/run/secrets/kubernetes.io/serviceaccount/token"))
    #expect(kubeconfig.clientCertificate == nil)
    #expect(!kubeconfig.insecureSkipTLSVerify)
  }

  @Test func `relative paths are relative to the kubeconfig`() throws {
    let kubeconfig = try read(
      config(
        cluster: """
          {server: 'https://[fd00::1]:6443', certificate-authority: pki/ca.crt, tls-server-name: kubernetes,
           proxy-url: 'socks5://192.0.2.1:1080'}
          """,
        user: "{client-certificate: ../c.crt, client-key: /abs/c.key}"))
    #expect(kubeconfig.certificateAuthority == .file(path: "/etc/kubernetes/pki/ca.crt"))
    #expect(
      kubeconfig.clientCertificate
        == ClientCertificate(certificate: .file(path: "/etc/kubernetes/../c.crt"), key: .file(path: "/abs/c.key")))
    #expect(kubeconfig.tlsServerName == "kubernetes")
    #expect(kubeconfig.proxyURL == "socks5://192.0.2.1:1080")
  }

  @Test func `data overrides files`() throws {
    let kubeconfig = try read(
      config(
        cluster: "{server: 'https://a', certificate-authority: ca.crt, certificate-authority-data: UEVN}",
        user: "{client-certificate-data: Yw==, client-key-data: aw==, token: abc}"))
    func data(_ text: String, _ origin: String) -> PEMSource {
      .data(Array(text.utf8), origin: "\(origin) in /etc/kubernetes/admin.conf")
    }
    #expect(kubeconfig.certificateAuthority == data("PEM", "certificate-authority-data of cluster \"c\""))
    #expect(
      kubeconfig.clientCertificate
        == ClientCertificate(
          certificate: data("c", "client-certificate-data of user \"u\""),
          key: data("k", "client-key-data of user \"u\"")))
    #expect(kubeconfig.credential == .token("abc"))
  }

  @Test(arguments: [
    ("{}", UserCredential.none), ("null", .none),
    ("{token: abc, tokenFile: t}", .tokenFile(path: "/etc/kubernetes/t")),
    ("{username: u, password: p}", .basic(user: "u", password: "p")),
    (
      """
      {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./get-token, args: [a, b],
       env: [{name: X, value: "1"}], interactiveMode: Never, installHint: get it, provideClusterInfo: true}}
      """,
      .exec(
        ExecPlugin(
          apiVersion: "client.authentication.k8s.io/v1", command: "/etc/kubernetes/./get-token",
          arguments: ["a", "b"], environment: ["X": "1"], installHint: "get it", provideClusterInfo: true))
    ),
    (
      "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: get-token}}",
      .exec(
        ExecPlugin(
          apiVersion: "client.authentication.k8s.io/v1beta1", command: "get-token", arguments: [],
          environment: [:], installHint: "", provideClusterInfo: false))
    ),
  ])
  func `credentials`(user: String, expected: UserCredential) throws {
    #expect(try read(config(user: user)).credential == expected)
  }

  @Test func `the only context is the current one`() throws {
    let text = config().replacingLine("current-context: main", with: "")
    #expect(try read(text).server == "https://a")
  }

  @Test(arguments: [
    (config(cluster: "{}"), "main", "clusters[c].cluster.server"),
    (
      config(cluster: "{server: 'https://a', certificate-authority-data: '%%'}"), "main",
      "clusters[c].cluster.certificate-authority-data"
    ),
    (
      config(cluster: "{server: 'https://a', insecure-skip-tls-verify: true, certificate-authority: x}"), "main",
      "clusters[c].cluster.insecure-skip-tls-verify"
    ),
    (config(user: "{client-certificate: x}"), "main", "users[u].user.client-key"),
    (config(user: "{client-key: x}"), "main", "users[u].user.client-certificate"),
    (config(user: "{token: 'a b'}"), "main", "users[u].user.token"),
    (config(user: "{token: a, username: b}"), "main", "users[u].user.username"),
    (config(user: "{auth-provider: {name: gcp}}"), "main", "users[u].user.auth-provider"),
    (config(user: "{as: root}"), "main", "users[u].user.as"),
    (config(user: "{exec: {command: x}}"), "main", "users[u].user.exec.apiVersion"),
    (config(user: "{exec: {apiVersion: client.authentication.k8s.io/v1}}"), "main", "users[u].user.exec.command"),
    (config().replacingLine("current-context: main", with: "current-context: other"), "other", "contexts"),
    (
      config().replacingLine("- {name: c, cluster: {server: 'https://a'}}", with: "- {name: d}"), "main",
      "contexts[main].context.cluster"
    ),
    (config().replacingLine("- {name: u, user: {}}", with: "- {name: x}"), "main", "contexts[main].context.user"),
    ("clusters: {}", "", "clusters"), ("a: [", "", ""), ("", "", ""), ("{}", "", "current-context"),
  ])
  func `an error names its file, context and field`(text: String, context: String, field: String) throws {
    let error = #expect(throws: KubeconfigError.self) { try read(text) }
    #expect(error?.context == context)
    #expect(error?.field == field)
    #expect(error?.description.hasPrefix("kubeconfig /etc/kubernetes/admin.conf: ") == true)
  }

  @Test func `missing file`() {
    let error = #expect(throws: KubeconfigError.self) { try Kubeconfig.read("/nowhere", storage: MemoryFiles()) }
    #expect(error?.description == "kubeconfig /nowhere: cannot open /nowhere: No such file or directory")
  }

  @discardableResult
  private func read(_ text: String) throws -> APIServerConnection {
    let path = "/etc/kubernetes/admin.conf"
    return try Kubeconfig.read(path, storage: MemoryFiles([path: text]))
  }
}

/// A kubeconfig of context `main`, cluster `c` and user `u`.
private func config(cluster: String = "{server: 'https://a'}", user: String = "{}") -> String {
  """
  clusters:
  - {name: c, cluster: \(cluster)}
  users:
  - {name: u, user: \(user)}
  contexts:
  - {name: main, context: {cluster: c, user: u}}
  current-context: main
  """
}

extension String {
  fileprivate func replacingLine(_ line: String, with other: String) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).map { $0 == line ? Substring(other) : $0 }
      .joined(separator: "\n")
  }
}
