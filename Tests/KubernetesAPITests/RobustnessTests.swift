import Mutations
import ServiceModel
import Testing

@testable import Configuration
@testable import KubernetesAPI

/// Reading any input returns objects or errors. It never crashes and never returns an unchecked object.
@Suite(.timeLimit(.minutes(5))) struct RobustnessTests {
  private static let yaml = """
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop, labels: &l {a: b}}
    spec: {type: LoadBalancer, clusterIPs: [10.200.1.16, "fd00::1"], externalIPs: [198.51.100.7],
      loadBalancerSourceRanges: [10.0.0.0/8], ports: [{name: http, port: 80, nodePort: 30080}]}
    status: {loadBalancer: {ingress: [{ip: 192.0.2.1, ipMode: VIP}]}}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, labels: {<<: *l, kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{name: http, port: 8080}]
    endpoints:
    - addresses: [10.10.1.5]
      conditions: {ready: true, serving: null}
      hints: {forZones: [{name: a}]}
    """
  private static let json = """
    {"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},
    "spec":{"clusterIP":"10.200.1.16","ports":[{"port":80,"name":"\\u0061"}],"sessionAffinity":"ClientIP"}},
    {"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"spec":{"podCIDR":"10.10.1.0/24"},"status":{"addresses":
    [{"type":"InternalIP","address":"172.18.0.3"}]}}],"metadata":{"resourceVersion":""}}
    """

  @Test(arguments: [yaml, json])
  func `cut off after every byte`(text: String) throws {
    let bytes = Array(text.utf8)
    for length in 0..<bytes.count {
      let contents = try load(Array(bytes[..<length]))
      #expect(contents.services.count <= 1)
    }
  }

  @Test(arguments: [yaml, json])
  func `one byte changed`(text: String) throws {
    let original = Array(text.utf8)
    let replacements = Array("\u{0}\n\t \"'{}[]:,-&*!|>%@`#\\0aé\u{7f}".utf8) + [0xff, 0xc0]
    var random = SplitMix64(seed: 7)
    for index in original.indices {
      for _ in 0..<2 {
        var bytes = original
        bytes[index] = replacements[Int(random.next() % UInt64(replacements.count))]
        for service in try load(bytes).services { #expect(service.clusterIPs.count <= 2) }
      }
    }
  }

  @Test(arguments: [yaml, json])
  func `pieces moved, doubled and left out`(text: String) throws {
    let original = Array(text.utf8)
    var random = SplitMix64(seed: 11)
    for _ in 0..<400 {
      var bytes = original
      for _ in 0..<3 where !bytes.isEmpty {
        let start = Int(random.next() % UInt64(bytes.count))
        let end = min(bytes.count, start + Int(random.next() % 40))
        let piece = bytes[start..<end]
        bytes.removeSubrange(start..<end)
        let place = Int(random.next() % UInt64(bytes.count + 1))
        if random.next() % 3 > 0 { bytes.insert(contentsOf: piece, at: place) }
        if random.next() % 3 == 0 { bytes.insert(contentsOf: piece, at: place) }
      }
      let contents = try load(bytes)
      #expect(contents.services.count + contents.slices.count + contents.nodes.count <= 8)
      _ = try? ConfigurationFile(bytes, name: "config.yaml")
      _ = try? Kubeconfig.read("/f", storage: FixedFile(bytes: bytes))
    }
  }

  @Test(arguments: ["[", "{\"a\":", "- ", "{a: ", "? ", "&a "])
  func `deep nesting`(opening: String) throws {
    let contents = try load(Array(String(repeating: opening, count: 50_000).utf8))
    #expect(contents.services.isEmpty)
    #expect(!contents.failures.isEmpty)
  }

  private func load(_ bytes: [UInt8]) throws -> ManifestContents {
    try ManifestLoader(storage: FixedFile(bytes: bytes)).load("/f")
  }
}

/// A file of any bytes.
private struct FixedFile: ManifestStorage {
  var bytes: [UInt8]

  func kind(of path: String) throws(FileError) -> FileKind { .other }
  func names(in directory: String) throws(FileError) -> [String] { [] }
  func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws { try bytes.withUnsafeBytes(take) }
}
