import Foundation
import Lab
import Testing

/// `--write-config-to`: the configuration in force, as a file that the program reads.
@Suite(.timeLimit(.minutes(5))) struct WriteConfigTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }
  private func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  @Test func `a written file says what the flags said, and is read as the same configuration`() async throws {
    // The file's whole content is replaced.
    _ = try folder.write(String(repeating: "x", count: 100_000), to: "first.yaml")
    let first = try await Program.run([
      "--write-config-to", path("first.yaml"), "--hostname-override", "worker-a", "--cluster-cidr",
      "10.10.0.0/16,fd00:10:10::/48", "--iptables-sync-period", "77s", "--nodeport-addresses", "192.0.2.0/24", "-v",
      "3",
    ])
    #expect(first.status == 0, "\(first.errors)")
    let written = try text("first.yaml")
    for line in [
      "kind: KubeProxyConfiguration", "hostnameOverride: worker-a", "clusterCIDR: 10.10.0.0/16,fd00:10:10::/48",
      "  syncPeriod: 1m17s", "- 192.0.2.0/24", "  verbosity: 3", "healthzBindAddress: 0.0.0.0:10256",
    ] {
      #expect(written.split(separator: "\n").contains { $0.hasSuffix(line) }, "\(line)")
    }
    let second = try await Program.run(["--config", path("first.yaml"), "--write-config-to", path("second.yaml")])
    #expect(second.status == 0, "\(second.errors)")
    #expect(try text("second.yaml") == written)
  }

  @Test(arguments: [
    ("/nowhere/config.yaml", "No such file or directory"), ("/dev/full", "No space left on device"),
    ("/", "Is a directory"),
  ])
  func `a file that cannot be written is an error that names it`(_ path: String, _ cause: String) async throws {
    let result = try await Program.run(["--write-config-to", path])
    #expect(result.status == 1)
    #expect(result.errors.contains(path) && result.errors.contains(cause), "\(result.errors)")
  }

  @Test func `a configuration that is refused is not written`() async throws {
    _ = try folder.write("before\n", to: "written.yaml")
    let bad = try folder.write(
      "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: nonsense\n",
      to: "bad.yaml")
    let result = try await Program.run(["--config", bad, "--write-config-to", path("written.yaml")])
    #expect(result.status != 0)
    #expect(result.errors.contains("clusterCIDR"), "\(result.errors)")
    #expect(try text("written.yaml") == "before\n")
  }
}
