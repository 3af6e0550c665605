import Foundation
import Lab
import Testing

/// The output of a dry run and of `explain` for Services that claim the same addresses.
@Suite(.timeLimit(.minutes(5))) struct ClashCommandTests {
  /// red, green and blue: a shared external IP, load-balancer IP and node port, and blue on red's cluster IP.
  private static let objects =
    """
    apiVersion: v1
    kind: Node
    metadata: {name: n1}
    spec: {podCIDR: 10.10.7.0/24, podCIDRs: [10.10.7.0/24]}
    status: {addresses: [{type: InternalIP, address: 172.18.0.7}]}

    """ + service("red", 1, "10.200.5.1", balanced) + service("green", 2, "10.200.5.2", balanced)
    + service("blue", 3, "10.200.5.1", "")

  private static let balanced = """
      type: LoadBalancer
      externalIPs: [198.51.100.9, 203.0.113.9]
    """

  private static func service(_ name: String, _ number: Int, _ clusterIP: String, _ spec: String) -> String {
    """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: \(name), namespace: paint}
    spec:
    \(spec)
      clusterIP: \(clusterIP)
      ports: [{name: w, port: 80\(spec.isEmpty ? "" : ", nodePort: 30777")}]
    \(spec.isEmpty ? "" : "status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}")
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: \(name)-s, namespace: paint, labels: {kubernetes.io/service-name: \(name)}}
    addressType: IPv4
    ports: [{name: w, port: 8080}]
    endpoints: [{addresses: [10.10.7.\(number)]}]

    """
  }

  private func run(_ command: [String], _ arguments: [String]) async throws -> CommandResult {
    let folder = try ScratchFolder()
    let file = try folder.write(Self.objects, to: "objects.yaml")
    return try await Program.run(command + ["--manifests", file, "--hostname-override", "n1"] + arguments)
  }

  @Test func `a dry run names each clash once`() async throws {
    let result = try await run([], ["--dry-run"])
    #expect(result.status == 0)
    let lines = result.errors.split(separator: "\n").filter { $0.contains("several Services claim the same address") }
    #expect(lines.count == 4, "\(result.errors)")
    for (address, wins, loses) in [
      ("10.200.5.1:80/TCP", "paint/blue:w (cluster IP)", "paint/red:w (cluster IP)"),
      ("198.51.100.9:80/TCP", "paint/green:w (external IP)", "paint/red:w (external IP)"),
      ("203.0.113.9:80/TCP", "paint/green:w (external IP)", "paint/red:w (external IP)"),
      ("node port 30777/TCP", "paint/green:w (node port)", "paint/red:w (node port)"),
    ] {
      let line = lines.filter { $0.contains(address) }
      #expect(line.count == 1)
      #expect(line.allSatisfy { $0.contains(#"wins="\#(wins)""#) && $0.contains(#"loses="\#(loses)""#) }, "\(line)")
    }
    #expect(!result.output.contains("claim"))
  }

  @Test(arguments: [("paint/blue", Int32(0)), ("paint/red", 1)])
  func `explain of either names both`(_ service: String, _ status: Int32) async throws {
    let result = try await run(["explain"], ["--to", "service", service])
    #expect(result.status == status, "\(result.errors)")
    let flat = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      flat.contains(
        "note: several Services claim 10.200.5.1:80/TCP: paint/blue:w (cluster IP), paint/red:w (cluster IP); "
          + "paint/blue:w wins: "), "\(flat)")
    #expect(!flat.contains("run diff"))
    let json = try await run(["explain"], ["--to", "service", service, "--output", "json"])
    #expect(json.output.contains("several Services claim 10.200.5.1:80/TCP"))
    #expect(json.output.contains(#""missed""#) == (status == 1))
  }
}
