import APIServerFixture
import Foundation
import Lab
import ServiceModel

/// The study cluster of `manifests/kind-dual-stack.yaml` in network namespaces: one control plane with an API server,
/// three workers, the rules of kindnet, kubelet and portmap on each, and the DaemonSet's containers.
///
///     kind-control-plane   172.18.0.2   coredns-1, coredns-2
///     kind-worker          172.18.0.3   echo-1, client
///     kind-worker2         172.18.0.4   echo-2, echo-3
///     kind-worker3         172.18.0.5   registry (host port 8081)
///     mypc                 172.18.0.100
package final class StudyCluster: Sendable {
  package static let layout = Layout(nodes: [
    .init("kind-control-plane", pods: ["coredns-1", "coredns-2"]), .init("kind-worker", pods: ["echo-1", "client"]),
    .init("kind-worker2", pods: ["echo-2", "echo-3"]), .init("kind-worker3", pods: ["registry"]),
  ])
  package static let hostPort: UInt16 = 8081
  private static let token = "the-service-account's-token"

  package let lab: Lab
  /// What the API server serves.
  package let store = ObjectStore()
  /// Listens on the control plane's address, port 6443.
  package let apiServer: APIServer
  package let manifest: DaemonSetManifest
  /// A copy of `manifests/study`, which the API server's objects come from.
  package var objects: URL { folder.appending(path: "objects") }
  /// The files that are mounted into the containers. The folder is removed with the lab.
  private let folder: URL
  private let program: String

  /// Builds a cluster as `build` does, and tears it down after `body`, also if that throws.
  package static func with(
    program: String, manifests: URL, daemonSet: String? = nil, _ body: (StudyCluster) async throws -> Void
  ) async throws {
    let cluster = try await build(program: program, manifests: manifests, daemonSet: daemonSet)
    do {
      try await body(cluster)
    } catch {
      // The error of `body` matters more than an error of the clean-up.
      try? await cluster.tearDown()
      throw error
    }
    try await cluster.tearDown()
  }

  /// - Parameters:
  ///   - program: the proxy to start on the nodes.
  ///   - manifests: the repository's folder `manifests`.
  ///   - backend: `nft` or `legacy`. Its programs write the rules of kindnet, kubelet and portmap.
  ///   - daemonSet: the manifest to run on the nodes; `manifests/swift-kube-proxy.yaml` if nil.
  private static func build(
    program: String, manifests: URL, backend: String = "nft", daemonSet: String? = nil
  ) async throws -> StudyCluster {
    let lab = try await Lab.build(layout)
    do {
      let yaml =
        try daemonSet ?? String(contentsOf: manifests.appending(path: "swift-kube-proxy.yaml"), encoding: .utf8)
      let cluster = try StudyCluster(lab, program, manifests, try DaemonSetManifest(yaml: yaml))
      try await cluster.populate(backend)
      return cluster
    } catch {
      try? await lab.tearDown()
      throw error
    }
  }

  private init(_ lab: Lab, _ program: String, _ manifests: URL, _ manifest: DaemonSetManifest) throws {
    self.lab = lab
    self.program = URL(filePath: program).standardizedFileURL.path
    folder = FileManager.default.temporaryDirectory.appending(path: "study-cluster-\(UUID().uuidString)")
    self.manifest = manifest
    let control = lab.nodes[0]
    let certificates = try TestCertificates(
      directory: folder.appending(path: "pki").path, names: [control.name, "\(control.addresses.ipv4)"])
    var options = APIServer.Options()
    options.address = "\(control.addresses.ipv4)"
    options.port = 6443
    options.tls = ServerTLS(certificate: certificates.serverCertificate, key: certificates.serverKey, clientCA: nil)
    options.authentication.tokens = [StudyCluster.token]
    apiServer = APIServer(store: store, options: options)
    try FileManager.default.copyItem(at: manifests.appending(path: "study"), to: objects)
    try DirectorySource(directory: objects.path, store: store).refresh()
    try writeFolder(ca: certificates.ca)
  }

  private func writeFolder(ca: String) throws {
    for (name, text) in manifest.files { try write(text, "config/\(name)") }
    try write(StudyCluster.token, "serviceaccount/token")
    try write(String(contentsOfFile: ca, encoding: .utf8), "serviceaccount/ca.crt")
    let hosts = lab.nodes.map { "\($0.addresses.ipv4) \($0.name)\n" }.joined()
    try write("127.0.0.1 localhost\n::1 localhost\n" + hosts, "hosts")
  }

  private func write(_ text: String, _ name: String) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url, options: .atomic)
  }

  private func populate(_ backend: String) async throws {
    let server = apiServer
    try await lab.nodes[0].namespace.run { try server.start() }
    try await lab.addNeighbours(backend: backend)
    for pod in ["echo-1", "echo-2", "echo-3", "registry"] {
      try await lab.responder.serve(lab.pod(pod), .tcp, port: 8080)
    }
    for pod in ["coredns-1", "coredns-2"] {
      for transport in [TransportProtocol.udp, .tcp] {
        try await lab.responder.serve(lab.pod(pod), transport, port: 53)
      }
    }
    if backend == "nft" { try await lab.mapHostPort(StudyCluster.hostPort, to: lab.pod("registry"), port: 8080) }
  }

  package func tearDown() async throws {
    apiServer.stop()
    try await lab.tearDown()
    try FileManager.default.removeItem(at: folder)
  }

  /// From now on the API server follows the files in `objects`. A thread looks for changes ten times a second until the
  /// program ends. It calls `report` once for each file error.
  package func followObjects(_ report: @escaping @Sendable (String) -> Void) {
    let (directory, store) = (objects.path, store)
    Thread.detachNewThread {
      let source = DirectorySource(directory: directory, store: store)
      var lastProblem = ""
      while FileManager.default.fileExists(atPath: directory) {
        do {
          try source.refresh()
          lastProblem = ""
        } catch {
          if "\(error)" != lastProblem { report("\(error)") }
          lastProblem = "\(error)"
        }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }

  /// Removes the cluster at once, for a program that a signal ends.
  package func removeNow() throws {
    try lab.removeNow()
    try FileManager.default.removeItem(at: folder)
  }

  /// Starts a proxy on each node. Returns when each has synced.
  package func startProxies() async throws -> [Daemon] {
    var daemons: [Daemon] = []
    for node in lab.nodes { daemons.append(try await startProxy(on: node)) }
    for daemon in daemons { try await daemon.waitForSync(after: 0) }
    return daemons
  }

  /// Runs the DaemonSet's init container on a node to its end, then starts the proxy's container.
  package func startProxy(on node: LabNode) async throws -> Daemon {
    if !manifest.initCommand.isEmpty {
      let initialization = try await start(manifest.initCommand, on: node, rights: "privileged")
      guard try await initialization.waitForEnd() == 0 else {
        throw LabError.missed(what: "the init container", log: initialization.lines)
      }
    }
    return try await start(manifest.command, on: node, rights: manifest.isPrivileged ? "privileged" : "restricted")
  }

  /// Starts a shadow beside the node's proxy, with the rights of `manifests/overlays/shadow`.
  package func startShadow(on node: LabNode, _ flags: [String]) async throws -> Daemon {
    try await start(manifest.command + ["--shadow"] + flags, on: node, rights: "restricted")
  }

  private func start(_ command: [String], on node: LabNode, rights: String) async throws -> Daemon {
    let words = command.map { $0.replacing("$(NODE_NAME)", with: node.name) }
    return try await lab.start(
      ["unshare", "--mount", "sh", "-c", ContainerLauncher.script, "sh", folder.path, program, rights] + words, on: node
    )
  }
}
