import Configuration
import Foundation
import Lab
import Testing

@Suite(.timeLimit(.minutes(5))) struct DiffCommandTests {
  private static let node = ["--hostname-override", "worker-a", "--cluster-cidr", "10.10.0.0/16"]
  private static let objects = ["--manifests", Program.examples] + node

  private func dryRun(_ more: String...) async throws -> String {
    let result = try await Program.run(Self.objects + ["--dry-run"] + more)
    try #require(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func `a kernel with the rules of a dry run has no difference`() async throws {
    let folder = try ScratchFolder()
    let file = try folder.write(try await dryRun(), to: "rules")
    let result = try await Program.run(["diff", "--rules", file] + Self.objects)
    #expect(result.output == "IPv4: no difference\n\nIPv6: no difference\n")
    #expect(result.status == 0)
  }

  @Test func `damage is found and grouped by Service`() async throws {
    let folder = try ScratchFolder()
    let lines = try await dryRun("--ip-family", "ipv4").split(separator: "\n")
    let shop = lines.filter { $0.contains("10.10.2.11:8080") }
    #expect(!shop.isEmpty)
    let file = try folder.write(lines.filter { !shop.contains($0) }.joined(separator: "\n") + "\n", to: "rules")
    let result = try await Program.run(["diff", "--rules", file] + Self.objects)
    #expect(result.status == 1)
    #expect(result.output.contains("Service examples/shop"))
    #expect(result.output.contains("missing at"))
    #expect(!result.output.contains("Service examples/public"))
    for line in result.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }

    let json = try await Program.run(["diff", "--rules", file, "-o", "json"] + Self.objects)
    let reports = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    #expect(reports.map { $0["isEqual"] as? Bool } == [false])
    #expect(json.status == 1)
  }

  @Test func `two configurations`() async throws {
    let folder = try ScratchFolder()
    let file = try folder.write(
      """
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      clusterCIDR: 10.10.0.0/16
      iptables: {masqueradeAll: true}
      """, to: "config.yaml")
    let result = try await Program.run(["diff", "--against", "config:\(file)"] + Self.objects)
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.output.contains("planned: ") && result.output.contains("config.yaml: "))
    let same = try await Program.run(["diff", "--against", "manifests:\(Program.examples)"] + Self.objects)
    #expect(same.status == 0)
  }

  @Test func `kube-proxy's rules have no difference from ours`() async throws {
    let folder = try ScratchFolder()
    // The same rules in the order of a hash map, and in iptables-save's spelling of addresses.
    let lines = try await dryRun("--ip-family", "ipv4").split(separator: "\n").map(String.init)
    var mixed = lines
    let places = lines.indices.filter { lines[$0].hasPrefix("-A KUBE-NODEPORTS") && lines[$0].contains("KUBE-EXT") }
    for (place, other) in zip(places, places.reversed()) { mixed[place] = lines[other] }
    #expect(mixed != lines)
    let file = try folder.write(mixed.joined(separator: "\n") + "\n", to: "rules")
    #expect(try await Program.run(["diff", "--rules", file] + Self.objects).status == 0)
  }

  @Test func `a family that only one side has is named`() async throws {
    let folder = try ScratchFolder()
    let both = try folder.write(try await dryRun(), to: "both")
    let four = try folder.write(try await dryRun("--ip-family", "ipv4"), to: "four")
    for (arguments, lacking) in [
      (["--rules", both, "--against", "rules:\(four)"], "four"),
      (["--rules", four, "--against", "rules:\(both)"], "four"),
    ] {
      let result = try await Program.run(["diff"] + arguments)
      #expect(result.output == "IPv4: no difference\n")
      #expect(result.errors == "note: IPv6 was not compared: \(lacking) has no rules of it\n")
      #expect(result.status == 0)
    }
  }

  @Test(arguments: [
    ("nothing to compare", [], Int32(2)),
    ("a file that is not there", ["--rules", "/nonexistent"], 2),
    ("an empty file, as a failed iptables-save leaves it", ["--rules", "/dev/null"], 2),
    ("an empty file on the other side", ["--against", "rules:/dev/null"], 2),
    ("a node that the objects do not have", ["--kernel", "--hostname-override", "worker-x"], 2),
    ("no such source", ["--against", "cloud"], 64),
  ])
  func `an error has another exit status than a difference`(_ what: String, _ arguments: [String], _ status: Int32)
    async throws
  {
    let result = try await Program.run(["diff"] + Self.objects + arguments)
    #expect(result.status == status, "\(what): \(result.errors)")
    #expect(!result.errors.isEmpty)
  }

  @Test func `manifests that cannot be read to the end are an error`() async throws {
    let folder = try ScratchFolder()
    let file = try folder.write("kind: [\n", to: "objects.yaml")
    let result = try await Program.run(["diff", "--against", "manifests:\(file)"] + Self.objects)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("objects.yaml cannot be read to its end"))
  }

  @Test func `an invalid dump is named with its line`() async throws {
    let folder = try ScratchFolder()
    let file = try folder.write("*nat\ntable ip nat {\n", to: "rules")
    let result = try await Program.run(["diff", "--rules", file] + Self.objects)
    #expect(result.status == 2)
    #expect(result.errors.contains("rules: line 2 is not iptables-save output: table ip nat {"))
  }

  @Test(arguments: [
    ("cut before the last COMMIT", "*filter\nCOMMIT\n*nat\n:KUBE-SERVICES - [0:0]\n", "line 3 begins table nat"),
    ("cut inside a rule", "*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -d", "line 1 begins table nat"),
    ("cut inside COMMIT", "*filter\n:INPUT ACCEPT [0:0]\nCOMM", "line 1 begins table filter"),
    ("all COMMIT lines removed", "*filter\n:INPUT ACCEPT [0:0]\n*nat\n", "line 1 begins table filter"),
    ("cut inside a foreign table", "*nat\nCOMMIT\n*security\n:INPUT ACCEPT [0:0]\n", "line 3 begins table security"),
  ])
  func `rules that are cut off are an error`(_ what: String, _ text: String, _ place: String) async throws {
    let folder = try ScratchFolder()
    let file = try folder.write(text, to: "rules")
    let rules = ["--rules", file]
    for command in [
      ["diff"] + rules, ["diff", "--against", "rules:\(file)"], ["graph"] + rules,
      ["explain", "--to", "10.200.1.10:80"] + rules,
    ] {
      let result = try await Program.run(command + Self.objects)
      #expect(result.status == 2, "\(command): \(what): \(result.output)")
      #expect(result.output.isEmpty)
      #expect(
        result.errors.contains("\(file): \(place), but its COMMIT is missing, so the rules are not complete"),
        "\(command): \(what): \(result.errors)")
    }
  }
}
