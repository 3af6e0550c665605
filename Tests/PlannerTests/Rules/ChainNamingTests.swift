import Foundation
import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Names as kube-proxy gives them, so that each program recognises the other's chains.
@Suite(.timeLimit(.minutes(5))) struct ChainNamingTests {
  @Test(
    arguments: [
      ("default", "kubernetes", "https", .tcp, "172.18.0.2:6443", "NPX46M4PTMTKRN6Y", "V2PECCYPB6X2GSCW"),
      ("default", "np-here", "u", .udp, "10.10.1.8:5353", "6Z6DVFAXIMJADRTB", "46SSY4V37FODQAR4"),
      ("default", "np-there", "", .tcp, nil, "M7NSSOTUXF5C6ZSA", nil),
    ] as [(String, String, String, TransportProtocol, String?, String, String?)])
  func `hash of name, port and protocol`(
    namespace: String, name: String, port: String, transport: TransportProtocol, endpoint: String?, service: String,
    endpointHash: String?
  ) throws {
    let object = try #require(NamespacedName(namespace: namespace, name: name))
    let portName = try #require(ServicePortName(service: object, port: port, transport: transport))
    for prefix in ChainName.Prefix.allCases where prefix != .endpoint {
      #expect(ChainNaming.chain(prefix, of: portName).description == prefix.rawValue + service)
    }
    if let endpoint, let endpointHash {
      #expect(ChainNaming.endpoint(endpoint, of: portName).description == "KUBE-SEP-" + endpointHash)
    }
  }

  @Test func `protocol, port name and endpoint each make another name`() {
    let object = NamespacedName(namespace: "a", name: "b")!
    func name(_ port: String, _ transport: TransportProtocol) -> ServicePortName {
      ServicePortName(service: object, port: port, transport: transport)!
    }
    let names = [name("", .tcp), name("", .udp), name("", .sctp), name("x", .tcp)]
    let chains =
      names.map { ChainNaming.chain(.cluster, of: $0) }
      + names.flatMap { name in
        ["10.10.1.5:80", "10.10.1.5:81", "[fd00::5]:80"].map { ChainNaming.endpoint($0, of: name) }
      }
    #expect(Set(chains).count == 16)
  }

  /// Every name of a service chain in captures of kube-proxy v1.36, `NAMESPACE/NAME:PORT PROTOCOL ENDPOINT HASH` a
  /// line, with `-` where there is no endpoint.
  @Test func `names are those that kube-proxy gives`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/chain-names.txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 500)
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      try #require(words.count == 4, "\(line)")
      let parts = words[0].split(whereSeparator: { $0 == "/" || $0 == ":" }).map(String.init)
      let service = try #require(NamespacedName(namespace: parts[0], name: parts[1]))
      let transport = try #require(TransportProtocol(rawValue: words[1].uppercased()))
      let port = try #require(
        ServicePortName(service: service, port: parts.count > 2 ? parts[2] : "", transport: transport))
      let name =
        words[2] == "-" ? ChainNaming.chain(.cluster, of: port) : ChainNaming.endpoint(words[2], of: port)
      #expect(name == ChainName("\(words[2] == "-" ? "KUBE-SVC-" : "KUBE-SEP-")\(words[3])"))
    }
  }
}
