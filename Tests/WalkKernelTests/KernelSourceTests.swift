import Foundation
import Lab
import Planner
import ServiceModel
import Testing

/// The commands on the live kernel of a node.
@Suite(.enabled(if: geteuid() == 0, "needs root for network namespaces"), .timeLimit(.minutes(10)))
struct KernelSourceTests {
  private static let settings = Setting.all.filter { !$0.masqueradeAll && !$0.byInterface }

  private func ask(_ command: [String], _ cluster: TestCluster, _ manifests: String) async throws -> CommandResult {
    let networks = IPFamily.allCases.map { "\(Layout.podNetwork($0))" }.joined(separator: ",")
    let services = IPFamily.allCases.map { "\(Layout.serviceNetwork($0))" }.joined(separator: ",")
    return try await Command(
      [BuiltProgram.path("swift-kube-proxy")] + command + [
        "--kernel", "--manifests", manifests, "--hostname-override", cluster.node.name, "--cluster-cidr", networks,
        "--service-subnet", services, "--dispatch", cluster.setting.dispatch.rawValue,
        "--endpoint-rules", cluster.setting.endpointRules.rawValue, "--iptables-backend", cluster.setting.backend,
      ]
    ).result(in: cluster.node.namespace)
  }

  @Test(arguments: settings)
  func `diff and explain read the kernel's own rules`(_ setting: Setting) async throws {
    try await Lab.with(TestCluster.layout) { lab in
      let cluster = try TestCluster(lab, setting)
      try await cluster.start()
      let folder = try ScratchFolder()
      let file = try folder.write(cluster.manifests, to: "objects.json")

      let equal = try await ask(["diff"], cluster, file)
      #expect(equal.status == 0, "\(equal.output)\(equal.errors)")
      #expect(equal.output == "IPv4: no difference\n\nIPv6: no difference\n")

      let iptables = String(setting.program(.ipv4, "x").dropLast(2))
      try await Command([iptables, "-t", "nat", "-F", "OUTPUT"]).run(in: cluster.node.namespace)
      try await Command([iptables, "-t", "nat", "-I", "PREROUTING", "-s", "192.0.2.7", "-j", "ACCEPT"])
        .run(in: cluster.node.namespace)
      let damaged = try await ask(["diff"], cluster, file)
      #expect(damaged.status == 1)
      #expect(damaged.output.hasPrefix("IPv4: 1 difference\n"))
      #expect(damaged.output.contains("missing jump"))
      #expect(damaged.output.contains("(before the jump to KUBE-SERVICES)"))

      let explained = try await ask(
        ["explain", "--from", "host", "--to", "lab/web:http", "--ip-family", "ipv4"], cluster, file)
      #expect(explained.status == 1)
      #expect(explained.output.contains("these rules do not lead there"))
    }
  }
}
