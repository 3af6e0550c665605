import APIServerFixture
import Foundation
import Lab
import ServiceModel
import Synchronization

/// A node whose proxy follows an API server over HTTPS with a client certificate.
///
///     kind-worker    172.18.0.2   client, s1, s2 (servers on TCP 8080)    API server on port 6443
///     mypc           172.18.0.100
final class LiveNode: Sendable {
  static let layout = Layout(nodes: [.init("kind-worker", pods: ["client", "s1", "s2"])])

  let lab: Lab
  let backend: Backend
  let store = ObjectStore()
  private let folder: ScratchFolder
  private let serverOptions: APIServer.Options
  private let running = Mutex<APIServer?>(nil)

  var node: LabNode { lab.nodes[0] }
  var client: LabPod { lab.pod("client") }

  /// Builds the node and its API server for `body`; the proxy is started there.
  static func with(_ backend: Backend = .nft, _ body: (LiveNode) async throws -> Void) async throws {
    try await Lab.with(layout) { lab in
      let live = try LiveNode(lab, backend)
      defer { live.stopServer() }
      for server in ["s1", "s2"] { try await lab.responder.serve(lab.pod(server), .tcp, port: 8080) }
      for object in lab.nodeObjects { try live.store.apply(json: object.text) }
      try await live.startServer()
      try await body(live)
    }
  }

  private init(_ lab: Lab, _ backend: Backend) throws {
    self.lab = lab
    self.backend = backend
    folder = try ScratchFolder()
    let address = "\(lab.nodes[0].addresses.ipv4)"
    let certificates = try TestCertificates(directory: folder.path + "/pki", names: [address])
    var options = APIServer.Options()
    options.address = address
    options.port = 6443
    options.tls = certificates.serverTLS
    options.authentication.commonNames = ["system:kube-proxy"]
    serverOptions = options
    try folder.write(LiveNode.kubeconfig("https://\(address):6443", certificates), to: "kubeconfig")
    try configure(masqueradeAll: false)
  }

  private static func kubeconfig(_ server: String, _ certificates: TestCertificates) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: lab
    clusters: [{name: lab, cluster: {server: "\(server)", certificate-authority: "\(certificates.ca)"}}]
    contexts: [{name: lab, context: {cluster: lab, user: proxy}}]
    users:
    - name: proxy
      user: {client-certificate: "\(certificates.clientCertificate)", client-key: "\(certificates.clientKey)"}

    """
  }

  /// Writes the file that the proxy is told of with `--config`.
  func configure(masqueradeAll: Bool) throws {
    let networks = IPFamily.allCases.map { "\(Layout.podNetwork($0))" }.joined(separator: ",")
    let text = """
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      mode: iptables
      clusterCIDR: "\(networks)"
      clientConnection: {kubeconfig: "\(folder.path)/kubeconfig"}
      iptables: {minSyncPeriod: 0s, syncPeriod: 2s, masqueradeAll: \(masqueradeAll)}

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

  /// What the server that runs now was asked.
  var requests: [ServerRequest] { running.withLock { $0?.requests ?? [] } }

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

  // MARK: The proxy

  private var sourceArguments: [String] {
    [
      "--config", folder.path + "/config.yaml", "--hostname-override", node.name, "--iptables-backend",
      backend.rawValue,
    ]
  }

  private var networks: [String] {
    ["--service-subnet", IPFamily.allCases.map { "\(Layout.serviceNetwork($0))" }.joined(separator: ",")]
  }

  func startProxy() async throws -> Daemon {
    try await lab.start([Program.path] + sourceArguments + networks, on: node)
  }

  /// Starts it and waits until the rules of both families are in place.
  func startedProxy() async throws -> Daemon {
    let daemon = try await startProxy()
    try await daemon.waitForRules()
    return daemon
  }

  /// What `diff` has to say of kernel and plan; empty if it found them equal.
  func difference() async throws -> String {
    let result = try await Command([Program.path, "diff", "--kernel"] + sourceArguments + networks)
      .result(in: node.namespace)
    return result.status == 0 ? "" : "exit status \(result.status)\n\(result.output)\(result.errors)"
  }

  /// The status of an HTTP answer of the proxy's health server.
  func health() async throws -> String {
    try await Command(
      ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "http://127.0.0.1:10256/healthz"]
    ).result(in: node.namespace).output
  }

  /// All rules of both families.
  func rules() async throws -> [String] {
    var rules: [String] = []
    for family in IPFamily.allCases { rules += try await backend.rules(family, in: node.namespace) }
    return rules
  }

  /// Asks a cluster IP from the pod.
  func ask(_ service: ServiceObject, _ family: IPFamily, port: UInt16 = 80) async throws -> Outcome {
    try await client.ask(.tcp, service.clusterIP(family), port: port, timeout: 1000)
  }
}

extension Daemon {
  /// Waits until each family's rules are known to be in the kernel, written or found there.
  func waitForRules(after mark: Int = 0) async throws {
    for family in IPFamily.allCases {
      try await waitForLine("rules of \(family.rawValue)", after: mark) {
        ($0.contains("rules synced") || $0.contains("rules are up to date")) && $0.contains(family.rawValue)
      }
    }
  }
}
