import Configuration
import Fixtures
import Foundation
import IPTables
import KubernetesAPI
import Planner
import ServiceModel
import Testing

@testable import KubeProxy

/// The rules that the real kube-proxy wrote for some objects, and the shadow's plan for them.
struct GoldenCase {
  let name: String
  let snapshot: ClusterSnapshot
  private let configuration: ProxyConfiguration
  private let addresses: [IPAddress]

  init(_ name: String) throws {
    self.name = name
    let folder = Fixtures.kubeProxy.appending(path: "cases/\(name)")
    snapshot = try ManifestLoader().load(folder.appending(path: "objects.json").path).snapshot()
    let file = try ConfigurationFile.read(folder.appending(path: "config.yaml").path)
    var base = file.configuration
    base.applyDefaults()
    configuration = try base.checked(in: ConfigurationContext(hostname: "none"))
    let interfaces = try String(contentsOf: folder.appending(path: "interfaces.txt"), encoding: .utf8)
    addresses = interfaces.split(separator: "\n").compactMap { line in
      line.split(separator: " ").last.flatMap { CIDR(String($0)) }.map { _ in
        IPAddress(String(line.split(separator: " ").last!.split(separator: "/")[0]))!
      }
    }
    try #require(!addresses.isEmpty)
  }

  /// With the shadow's layout: flat chains, and a chain for each endpoint.
  func plan(_ family: IPFamily, _ snapshot: ClusterSnapshot? = nil) -> ClusterPlan {
    let snapshot = snapshot ?? self.snapshot
    let features = RuleFeatures(
      randomFully: true, accounting: true, conntrackTCPLiberal: configuration.conntrack.tcpBeLiberal, bpf: false)
    let source = PlannerOptionsSource(
      configuration: configuration, extra: ExtraSettings(dispatch: .flat, endpointRules: .chains))
    let options = source.options(
      family, snapshot: snapshot, host: PlannerSurroundings(interfaceAddresses: addresses, features: [family: features])
    )
    return ClusterPlan(options: options, snapshot: snapshot)
  }

  /// kube-proxy's rules. The captures have no mangle table, in which kube-proxy has an empty chain only.
  func saved(_ family: IPFamily) throws -> [String] {
    let folder = Fixtures.kubeProxy.appending(path: "cases/\(name)")
    let tables = try ["nat", "filter"].flatMap { table in
      let file = folder.appending(path: "expected.\(family == .ipv4 ? "v4" : "v6").\(table).save")
      return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }
    return tables + ["*mangle", ":KUBE-PROXY-CANARY - [0:0]", "COMMIT"]
  }
}
