import APIServerFixture
import Configuration
import Foundation
import Lab
import ServiceModel
import Synchronization

/// A node whose proxy follows an API server over HTTPS.
///
///     kind-worker    172.18.0.2   client, s1, s2 (servers on TCP 8080)    API server on port 6443
///     mypc           172.18.0.100
final class LiveNode: Sendable {
  static let layout = Layout(nodes: [.init("kind-worker", pods: ["client", "s1", "s2"])])

  /// How the proxy authenticates to the API server.
  enum Credential {
    case certificate
    /// A token in a file, `firstToken` at the start.
    case tokenFile
  }

  static let firstToken = "first"

  let lab: Lab
  let backend: Backend
  let store = ObjectStore()
  let folder: ScratchFolder
  private let serverOptions: APIServer.Options
  /// The file with the certificate of the API server's CA.
  private let authority: String
  private let running = Mutex<APIServer?>(nil)

  var node: LabNode { lab.nodes[0] }
  var client: LabPod { lab.pod("client") }

  /// Builds the node and its API server for `body`; the proxy is started there.
  static func with(
    _ backend: Backend = .nft, _ credential: Credential = .certificate, _ body: (LiveNode) async throws -> Void
  ) async throws {
    try await Lab.with(layout) { lab in
      let live = try LiveNode(lab, backend, credential)
      defer { live.stopServer() }
      for server in ["s1", "s2"] { try await lab.responder.serve(lab.pod(server), .tcp, port: 8080) }
      for object in lab.nodeObjects { try live.store.apply(json: object.text) }
      try await live.startServer()
      try await body(live)
    }
  }

  private init(_ lab: Lab, _ backend: Backend, _ credential: Credential) throws {
    self.lab = lab
    self.backend = backend
    folder = try ScratchFolder()
    let address = "\(lab.nodes[0].addresses.ipv4)"
    let certificates = try TestCertificates(directory: folder.path + "/pki", names: [address])
    var options = APIServer.Options()
    options.address = address
    options.port = 6443
    let user: String
    switch credential {
    case .certificate:
      options.tls = certificates.serverTLS
      options.authentication.commonNames = ["system:kube-proxy"]
      user = certificates.kubeconfigUser
    case .tokenFile:
      options.tls = ServerTLS(certificate: certificates.serverCertificate, key: certificates.serverKey)
      options.authentication.tokens = [LiveNode.firstToken]
      user = "tokenFile: \"\(folder.path)/token\""
    }
    serverOptions = options
    authority = certificates.ca
    try issue(LiveNode.firstToken)
    try folder.write(
      LabKubeconfig.text(server: "https://\(address):6443", authority: authority, user: user), to: "kubeconfig")
    try configure()
  }

  /// Writes another token into the proxy's token file.
  func issue(_ token: String) throws { try folder.write(token + "\n", to: "token") }

  /// Writes the file for the proxy's flag `--config`.
  func configure(masqueradeAll: Bool = false, detectLocalMode: String = "ClusterCIDR") throws {
    let networks = IPFamily.allCases.map { "\(Layout.podNetwork($0))" }.joined(separator: ",")
    // minSyncPeriod is 1ms, because 0 would mean the default of a second, as in kube-proxy.
    let text = """
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      mode: iptables
      clusterCIDR: "\(networks)"
      detectLocalMode: \(detectLocalMode)
      clientConnection: {kubeconfig: "\(folder.path)/kubeconfig"}
      iptables: {minSyncPeriod: 1ms, syncPeriod: 2s, masqueradeAll: \(masqueradeAll)}

      """
    try folder.write(text, to: "config.yaml")
  }

  // MARK: The API server

  func startServer() async throws {
    let server = APIServer(store: store, options: serverOptions)
    try await node.namespace.run { try server.start() }
    running.withLock { $0 = server }
  }

  func stopServer() { running.withLock { $0?.stop() } }

  /// From now on the server accepts only this token. Also cuts all connections.
  func accept(_ token: String) {
    running.withLock {
      $0?.validTokens = [token]
      $0?.cutConnections()
    }
  }

  /// The HTTP status of a list of Services with this token.
  func status(with token: String) async throws -> String {
    try await Command([
      "curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--cacert", authority,
      "--header", "Authorization: Bearer \(token)", "https://\(node.addresses.ipv4):6443/api/v1/services",
    ]).run(in: node.namespace)
  }

  /// Sets the reaction of the running server to later requests.
  func react(_ reaction: @escaping @Sendable (ServerRequest) -> Reaction) { running.withLock { $0?.react(reaction) } }

  /// The requests to the running server so far.
  var requests: [ServerRequest] { running.withLock { $0?.requests ?? [] } }

  /// Changes the node's object.
  func applyNode(_ change: (inout [String: Any]) -> Void) throws {
    var object = try JSONSerialization.jsonObject(with: Data(lab.nodeObjects[0].text.utf8)) as? [String: Any] ?? [:]
    change(&object)
    try store.apply(object)
  }

  func apply(_ service: ServiceObject) throws {
    for object in service.objects { try store.apply(json: object.text) }
  }

  func remove(_ service: ServiceObject) {
    store.delete(.init(.services, namespace: ServiceObject.namespace, name: service.name))
    for family in service.families {
      let name = "\(service.name)-\(family.rawValue.lowercased())"
      store.delete(.init(.endpointSlices, namespace: ServiceObject.namespace, name: name))
    }
  }

  /// A Service on port 80 with these pods behind it.
  func service(_ name: String, _ number: Int, on pods: [String]) -> ServiceObject {
    ServiceObject(
      name, number, ports: [.init("http", .tcp, 80, target: 8080)], endpoints: pods.map { .init(lab.pod($0)) })
  }
}
