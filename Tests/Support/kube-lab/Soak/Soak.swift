import APIServerFixture
import Foundation
import Lab
import ServiceModel

/// A node whose proxy follows an API server over HTTPS, a shadow beside it, and the changes on that API server.
struct Soak {
  let lab: Lab
  let proxy: String
  private let store = ObjectStore()
  private var node: LabNode { lab.nodes[0] }

  init(lab: Lab, proxy: String) {
    self.lab = lab
    self.proxy = proxy
  }

  /// Makes the changes one by one and waits after each for a sync of the families that it concerns. Measures the memory
  /// at `SoakTable.marks`. At the end it waits until the shadow has compared twice.
  func run(changes: Int) async throws -> SoakTable {
    var cluster = try SoakCluster(store: store, lab: lab)
    let folder = FileManager.default.temporaryDirectory.appending(path: "kube-lab-soak-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let server = try await startServer(folder)
    defer { server.stop() }
    let command = [
      proxy, "--kubeconfig", folder.appending(path: "kubeconfig").path, "--hostname-override", node.name,
    ]
    let daemon = try await lab.start(command + ["--iptables-min-sync-period", "0s"], on: node)
    try await daemon.waitForSync(after: 0)
    let shadow = SoakShadow(try await lab.start(command + SoakShadow.flags, on: node))
    try await shadow.waitForComparisons(1, after: 0)

    var table = SoakTable()
    func show(_ number: Int) throws {
      table.show(.init(changes: number, proxy: try .init(of: daemon.pid), shadow: try .init(of: shadow.daemon.pid)))
    }
    try show(0)
    for number in 1...changes {
      let mark = daemon.mark
      try await daemon.waitForSync(try cluster.change(number), after: mark)
      if SoakTable.marks.contains(number) || number == changes { try show(number) }
    }
    try await shadow.waitForComparisons(2, after: shadow.daemon.mark)
    table.comparisons = shadow.comparisons
    table.warnings = shadow.warnings
    return table
  }

  private func startServer(_ folder: URL) async throws -> APIServer {
    let address = "\(node.addresses.ipv4)"
    let certificates = try TestCertificates(directory: folder.appending(path: "pki").path, names: [address])
    var options = APIServer.Options()
    options.address = address
    options.tls = certificates.serverTLS
    options.authentication.commonNames = ["system:kube-proxy"]
    let server = APIServer(store: store, options: options)
    try await node.namespace.run { try server.start() }
    let kubeconfig = LabKubeconfig.text(
      server: server.url, authority: certificates.ca, user: certificates.kubeconfigUser)
    try Data(kubeconfig.utf8).write(to: folder.appending(path: "kubeconfig"))
    return server
  }
}
