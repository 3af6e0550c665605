import Foundation
import Lab
import ServiceModel

/// The scenes of the demo in their order.
struct Demo {
  static let layout = Layout(nodes: [
    .init("kind-control-plane", pods: ["web-1", "names-1", "client"]),
    .init("kind-worker", pods: ["web-2", "web-3", "names-2"]),
  ])
  static let webs = ["web-1", "web-2", "web-3"]

  let lab: Lab
  let proxy: String
  let manifests: DemoManifests

  private let web = IPAddress("10.200.1.10")!
  private var client: LabPod { lab.pod("client") }

  func play() async throws {
    try await serve()
    showCluster()
    let proxies = try await startProxies()
    try showServices()
    try await fromPod()
    try await fromOutside()
    try await names()
    try await rules()
    try await endpointLeaves(proxies)
    try await nobodyLeft(proxies)
    Screen.heading("The demo is over")
    Screen.text("The namespaces, the rules and the programs in them are removed.")
  }

  private func serve() async throws {
    for pod in Demo.webs { try await lab.responder.serve(lab.pod(pod), .tcp, port: 8080) }
    for pod in ["names-1", "names-2"] { try await lab.responder.serve(lab.pod(pod), .udp, port: 5353) }
  }

  private func showCluster() {
    Screen.heading("A small cluster, laid out like kind's: each line is a network namespace on this machine")
    var rows = [["NODE", "POD", "IPV4", "IPV6"]]
    func row(_ host: any LabHost, _ node: String, _ pod: String) {
      rows.append([node, pod, "\(host.addresses.ipv4)", "\(host.addresses.ipv6)"])
    }
    for node in lab.nodes {
      row(node, node.name, "")
      for pod in lab.pods where pod.node == node.name { row(pod, "", pod.name) }
    }
    row(lab.outsider, "(outside) \(lab.outsider.name)", "")
    Screen.table(rows)
  }

  private func startProxies() async throws -> [Daemon] {
    Screen.heading("Each node programs its rules from the same manifests")
    let start = ContinuousClock.now
    let networks = IPFamily.allCases.map { "\(Layout.podNetwork($0))" }.joined(separator: ",")
    var daemons: [Daemon] = []
    for node in lab.nodes {
      let words = ["--manifests", manifests.folder.path, "--hostname-override", node.name, "--cluster-cidr", networks]
      Screen.command(
        "swift-kube-proxy --manifests manifests/demo --hostname-override \(node.name) \\\n"
          + "        --cluster-cidr \(networks) &")
      daemons.append(try await lab.start([proxy] + words, on: node))
    }
    for daemon in daemons { try await daemon.waitForSync(after: 0) }
    Screen.gap()
    Screen.text("Both families are programmed on both nodes after \(Demo.milliseconds(since: start)).")
    return daemons
  }

  private func showServices() throws {
    Screen.heading("The Services")
    Screen.table(try manifests.serviceTable())
  }

  private func fromPod() async throws {
    Screen.heading("A pod asks for the cluster IP")
    try await curl("http://\(web)/", from: client, name: "client")
    try await ask("300 requests, spread over the endpoints", .tcp, web, 80, from: client, Demo.webs)
  }

  private func fromOutside() async throws {
    Screen.heading("A client outside the cluster connects to the node port")
    let node = lab.node("kind-worker").addresses.ipv4
    try await curl("http://\(node):30080/", from: lab.outsider, name: lab.outsider.name)
    Screen.text("The pod sees a node's address, so that its answer returns through that node.")
    try await ask("300 requests to \(node):30080", .tcp, node, 30080, from: lab.outsider, Demo.webs)
  }

  private func names() async throws {
    Screen.heading("UDP, over IPv6")
    let address = IPAddress("fd00:10:200::35")!
    try await ask("300 questions to [\(address)]:53", .udp, address, 53, from: client, ["names-1", "names-2"])
  }

  private func rules() async throws {
    Screen.heading("The Service's chain in the nat table")
    let node = lab.node("kind-worker").namespace
    let rules = try await Command(["iptables-save", "-t", "nat"]).run(in: node).split(separator: "\n")
    let toCluster = rules.first { $0.hasPrefix("-A KUBE-SERVICES -d \(web)/32") }
    guard let chain = toCluster?.split(separator: " ").last else { throw LabError.unusable("no rule for \(web)") }
    Screen.command("iptables-save -t nat | grep \(chain)")
    Screen.output(rules.filter { $0.hasPrefix("-A \(chain) ") }.joined(separator: "\n"))
  }

  private func endpointLeaves(_ proxies: [Daemon]) async throws {
    Screen.heading("web-2 goes away, while a pod opens 200 connections a second")
    let steady = SteadyClient(Request(.tcp, web, port: 80), from: client)
    try await steady.waitForMore(100)
    let marks = proxies.map(\.mark)
    Screen.text("manifests/demo/web.yaml:")
    let start = ContinuousClock.now
    for line in try manifests.remove(linesWith: "10.10.1.2]", from: "web.yaml") {
      Screen.output("\(line)   <- deleted")
    }
    for (proxy, mark) in zip(proxies, marks) { try await proxy.waitForSync([.ipv4], after: mark) }
    let took = Demo.milliseconds(since: start)
    try await steady.waitForMore(100)
    let report = try await steady.stop()
    Screen.gap()
    Screen.text("Both nodes updated their rules within \(took).")
    Screen.text("Of the pod's connections \(report.answered) were answered, and \(report.failures.count) failed.")
    try await ask("300 requests now", .tcp, web, 80, from: client, Demo.webs)
  }

  private func nobodyLeft(_ proxies: [Daemon]) async throws {
    Screen.heading("All endpoints are gone")
    let marks = proxies.map(\.mark)
    _ = try manifests.remove(linesWith: "{addresses:", from: "web.yaml")
    for (proxy, mark) in zip(proxies, marks) { try await proxy.waitForSync([.ipv4], after: mark) }
    let start = ContinuousClock.now
    try await curl("http://\(web)/", from: client, name: "client")
    Screen.text(
      "Refused after \(Demo.milliseconds(since: start)), including the start of curl. The client need not wait."
    )
  }

  private func curl(_ url: String, from host: some LabHost, name: String) async throws {
    Screen.command("curl \(url)        # in \(name)")
    let result = try await Command(["curl", "--silent", "--show-error", "--max-time", "10", url]).result(
      in: host.namespace)
    Screen.output(result.output + result.errors)
  }

  private func ask(
    _ what: String, _ transport: TransportProtocol, _ address: IPAddress, _ port: UInt16, from host: some LabHost,
    _ endpoints: [String]
  ) async throws {
    let outcomes = try await host.ask(Request(transport, address, port: port), times: 300)
    Screen.gap()
    Screen.text("\(what):")
    let answers = counts(outcomes)
    Screen.bars(answers, names: endpoints)
    let missing = outcomes.count { $0.answer == nil }
    if missing > 0 { throw LabError.unusable("\(missing) of \(outcomes.count) were not answered") }
  }

  private static func milliseconds(since start: ContinuousClock.Instant) -> String {
    "\((ContinuousClock.now - start) / .milliseconds(1))".split(separator: ".")[0] + " ms"
  }
}
