import Fixtures
import Foundation
import Glibc
import Lab
import ServiceModel
import Testing

/// Compares the rules with those that the real kube-proxy wrote for the same objects.
@Suite(.timeLimit(.minutes(10))) struct GoldenTests {
  /// Word by word as kube-proxy wrote it, and the same rules in the kernel.
  @Test(arguments: Fixtures.cases)
  func `equal`(_ name: String) async throws {
    let scratch = try await Golden.dryRun(name)
    try await Golden.compare(scratch, name, ["--text"])
    if geteuid() == 0 { try await Golden.compare(scratch, name, []) }
  }
}

enum Golden {
  static let folder = Fixtures.kubeProxy

  /// A folder with `restore.v4.txt` and `restore.v6.txt`.
  static func dryRun(_ name: String) async throws -> ScratchFolder {
    let folder = folder.appending(path: "cases/\(name)")
    let interfaces = try String(contentsOf: folder.appending(path: "interfaces.txt"), encoding: .utf8)
    let addresses = interfaces.split(separator: "\n").compactMap { $0.split(separator: " ").last }
    try #require(!addresses.isEmpty)
    let scratch = try ScratchFolder()
    let words = [
      Program.path, "--manifests", folder.appending(path: "objects.json").path,
      "--config", folder.appending(path: "config.yaml").path, "--dry-run", "--host-feature", "nfacct=true",
      // Case 30 has a Service with more endpoints than are kept in one chain otherwise.
      "--dispatch", "flat",
    ]
    let interfaceWords = addresses.flatMap { ["--interface-address", String($0)] }
    async let ipv4 = Command(words + ["--ip-family", "ipv4"] + interfaceWords).run()
    async let ipv6 = Command(words + ["--ip-family", "ipv6"] + interfaceWords).run()
    try await scratch.write(ipv4, to: "restore.v4.txt")
    try await scratch.write(ipv6, to: "restore.v6.txt")
    return scratch
  }

  static func compare(_ scratch: ScratchFolder, _ name: String, _ options: [String]) async throws {
    let result = try await Command(
      ["python3", folder.appending(path: "compare.py").path] + options
        + [scratch.url.path, folder.appending(path: "cases/\(name)").path]
    ).result()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    let summary = result.output.split(separator: "\n").last.map(String.init) ?? ""
    #expect(summary.hasSuffix("chains equal"), "\(summary)")
  }
}
