import Doubles
import Foundation
import ServiceModel
import Testing

@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(5))) struct ManifestLoaderTests {
  private static let service = """
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec:
      clusterIP: 10.200.1.16
      ports:
      - port: 80
    """
  private static let slice = """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{port: 8080}]
    endpoints: [{addresses: [10.10.1.5]}]
    """
  private static let node = """
    apiVersion: v1
    kind: Node
    metadata: {name: worker, uid: 1b2c, labels: {topology.kubernetes.io/zone: a}}
    spec: {podCIDRs: [10.10.1.0/24, "fd00:10:10:1::/64"], taints: [{key: ToBeDeletedByClusterAutoscaler}]}
    status:
      addresses:
      - {type: ExternalIP, address: 192.0.2.3}
      - {type: InternalIP, address: 172.18.0.3}
      - {type: Hostname, address: worker}
      - {type: InternalIP, address: nonsense}
    """

  @Test func `every kind from one file`() throws {
    let contents = try load([Self.service, "# nothing but a comment", Self.slice, Self.node, Self.cidr].yaml)
    #expect(contents.services.map(\.name.description) == ["shop/web"])
    #expect(contents.slices.map(\.service.description) == ["shop/web"])
    #expect(
      contents.nodes == [
        Node(
          name: "worker", zone: "a", addresses: [IPAddress("172.18.0.3")!, IPAddress("192.0.2.3")!],
          podCIDRs: [CIDR("10.10.1.0/24")!, CIDR("fd00:10:10:1::/64")!], isBeingDeleted: true, uid: "1b2c")
      ])
    #expect(contents.serviceCIDRs.map(\.description) == ["10.200.1.0/24", "fd00:10:200::/112"])
    #expect(contents.failures.isEmpty)
    #expect(contents.warnings.map(\.field) == ["status.addresses[3].address"])
    let snapshot = contents.snapshot()
    #expect(snapshot.services.count == 1 && snapshot.slices.count == 1 && snapshot.nodes.count == 1)
  }

  private static let cidr = """
    apiVersion: networking.k8s.io/v1
    kind: ServiceCIDR
    metadata: {name: kubernetes}
    spec: {cidrs: [10.200.1.0/24, "fd00:10:200::/112"]}
    """

  @Test(arguments: ["yaml list", "json list", "json documents", "typed list"])
  func `the same objects, written differently`(form: String) throws {
    let json =
      #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"10.200.1.16","ports":[{"port":80}]}}"#
    let bare =
      #"{"metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"10.200.1.16","ports":[{"port":80}]}}"#
    let text =
      switch form {
      case "yaml list": "apiVersion: v1\nkind: List\nitems:\n- \(json)\n"
      case "json list": "\n {\"apiVersion\":\"v1\",\"items\":[\(json)],\"kind\":\"List\"}"
      case "json documents": json + "\n" + #"{"kind":"ConfigMap","apiVersion":"v1","data":{"items":"[}"}}"#
      default: "{\"items\":[\(bare)],\"kind\":\"ServiceList\",\"apiVersion\":\"v1\"}"
      }
    let expected = try load(Self.service)
    let contents = try load(text)
    #expect(contents.services == expected.services)
    #expect(contents.failures.isEmpty)
  }

  @Test(arguments: ["\n 2 A", "  a: 1\n  b: 2", "\n\n{\n]"])
  func `leading white space is counted in line numbers, for pieces of any size`(text: String) {
    func contents(_ pieces: [[UInt8]]) -> ManifestContents {
      var (contents, decoder, reader) = (ManifestContents(), ObjectDecoder(), ManifestReader(name: "a.yaml"))
      for piece in pieces { piece.withUnsafeBytes { reader.consume($0, into: &contents, decoder: &decoder) } }
      reader.finish(into: &contents, decoder: &decoder)
      return contents
    }
    let whole = contents([Array(text.utf8)])
    #expect(!whole.failures.isEmpty)
    #expect(contents(text.utf8.map { [$0] }) == whole)
  }

  @Test func `bad objects are named and the others go on`() throws {
    let bad = Self.service.replacing("port: 80", with: "port: eighty").replacing("name: web", with: "name: bad")
    let worse = Self.service.replacing("10.200.1.16", with: "10.200.1").replacing("name: web", with: "name: worse")
    let contents = try load([bad, Self.service, worse].yaml)
    #expect(contents.services.map(\.name.name) == ["web"])
    #expect(
      contents.failures.map(\.description) == [
        "/m.yaml:7 (document 1): Service shop/bad: spec.ports[0].port: is not a number",
        "/m.yaml:21 (document 3): Service shop/worse: spec.clusterIP: \"10.200.1\" is not an IP address",
      ])
  }

  @Test func `bad items of a JSON list have their lines`() throws {
    let contents = try load(
      """
      {
        "kind": "List",
        "items": [
          {
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "a"},
            "spec": {
              "clusterIP": "10.200.1.1",
              "ports": [{"name": "x", "port": 1},
                        {"name": "y", "port": -1}]
            }
          },
          {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b"},
           "spec": {"clusterIP": "10.200.1.2", "ports": [{"port": 1}]}},
          {"apiVersion": "v1", "kind": "Service",
           "metadata" {"name": "c"}}
        ]
      }
      """)
    #expect(contents.services.map(\.name.name) == ["a", "b"])
    #expect(
      contents.warnings.map(\.description) == [
        "/m.yaml:10 (document 1, item 1): Service default/a: spec.ports[1].port: -1 is not a valid port (1 to 65535); "
          + "the port is left out"
      ])
    #expect(contents.failures.map(\.description) == ["/m.yaml:16 (document 1, item 3): ':' is missing"])
  }

  @Test(arguments: [
    ("{", "the text ends in the middle of an object"), (#"{"items":[{},]}"#, "an item is missing"),
    (#"{"items":[,]}"#, "an item is missing"), ("{} x", "an object has to begin with '{'"),
    ("a: [", "did not find expected node content"), ("a: b: c", "mapping values are not allowed"),
    ("- a\nb", "could not find expected ':'"), ("kind: Service", "apiVersion: is missing"), ("{}", "is missing"),
    (#"{"kind":"List","items":[5]}"#, "is not an object"), ("just words", "is not an object"),
    ("x: &a [*a]", "has an alias without an anchor"), ("\u{1}", "control characters"),
  ])
  func `text that is neither YAML nor JSON`(text: String, problem: String) throws {
    let contents = try load(text)
    let said = contents.failures.map(\.description) + contents.ignored.map { $0.reason.description }
    #expect(said.contains { $0.contains(problem) }, "\(said)")
  }

  @Test func `documents of JSON may be separated as in YAML`() throws {
    let contents = try load(
      """
      {"kind":"Service","apiVersion":"v1","metadata":{"name":"a"},
       "spec":{"clusterIP":"10.200.1.1","ports":[{"port":1}]}}
      ---
      {"kind":"ServiceList","items":[
        {"metadata":{"name":"b"},"spec":{"clusterIP":"10.200.1.2","ports":[
         {"name":"x","port":1},{"name":"y","port":0}]}}]}
      ---

      """)
    #expect(contents.services.map(\.name.name) == ["a", "b"])
    #expect(contents.failures == [])
    #expect(contents.warnings.map { $0.description.hasPrefix("/m.yaml:6 (document 2, item 1): ") } == [true])
  }

  @Test func `a document that cannot be read does not affect the others`() throws {
    let contents = try load(["kind: *unknown\n", Self.service, "? [a]\n: 1\n", "a: 1\nb: 2\na: 3\n"].yaml)
    #expect(contents.services.map(\.name.name) == ["web"])
    #expect(
      contents.failures.map { $0.description.split(separator: "): ").last } == [
        "has an alias without an anchor", "has a key that is not a string", "has a repeated key: \"a\"",
      ])
    #expect(contents.failures.map { $0.description.contains("(document 1)") } == [true, false, false])
    #expect(contents.failures.map { $0.description.contains("(document 4)") } == [false, false, true])
  }

  @Test func `a repeated key makes only its own item invalid`() throws {
    let contents = try load(
      """
      kind: ServiceList
      items:
      - {metadata: {name: a, name: b}, spec: {clusterIP: 10.200.1.1, ports: [{port: 1}]}}
      - {metadata: {name: c}, spec: {clusterIP: 10.200.1.2, ports: [{port: 1}]}}
      """)
    #expect(contents.services.map(\.name.name) == ["c"])
    #expect(contents.failures.map(\.description) == ["/m.yaml:3 (document 1, item 1): has a repeated key: \"name\""])
  }

  @Test func `a repeated key makes only its own item invalid in JSON, too`() throws {
    let service = #""spec": {"clusterIP": "10.200.1.1", "ports": [{"port": 1, "name": "name"}]}}"#
    let contents = try load(
      """
      {"kind": "ServiceList", "items": [
       {"metadata": {"name": "a", "namespace": "b",
         "name": "c"}, \(service), {"metadata": {"name": "d"}, \(service)]}
      {"apiVersion": "v1", "kind": "Service",
       "metadata": {"name": "e", "na\\u006de": "f"}, \(service)
      {"kind": "List", "items": [], "items": [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "g"}, \(service)]}
      """)
    #expect(contents.services.map(\.name.name) == ["d", "g"])
    #expect(
      contents.failures.map(\.description) == [
        "/m.yaml:3 (document 1, item 1): has a repeated key: \"name\"",
        "/m.yaml:5 (document 2): has a repeated key: \"name\"",
        "/m.yaml:6 (document 3): has a repeated key: \"items\"; only its items that have a kind are used",
      ])
  }

  @Test func `other kinds are ignored`() throws {
    let contents = try load(
      [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}",
        "apiVersion: discovery.k8s.io/v1beta1\nkind: EndpointSlice\nmetadata: {name: b}",
        "apiVersion: example.com/v1\nkind: Service\nmetadata: {name: c}\nspec: 7",
      ].yaml)
    #expect(contents.ignored.map(\.object.name) == ["a", "b", "c"])
    #expect(contents.failures.isEmpty)
  }

  @Test func `fields without an effect are named`() throws {
    let endpoints = "apiVersion: v1\nkind: Endpoints\nmetadata: {name: NAME, namespace: shop}\nsubsets: []"
    let other = Self.service.replacing("web", with: "old")
    let contents = try load(
      [
        Self.service, Self.slice, other, endpoints.replacing("NAME", with: "web"),
        endpoints.replacing("NAME", with: "old"),
        Self.slice.replacing("k8s.io/v1", with: "k8s.io/v1beta1").replacing("web-1", with: "beta"),
        Self.slice.replacing("kubernetes.io/service-name: web", with: "a: b").replacing("web-1", with: "alone"),
        Self.slice.replacing("service-name: web", with: "service-name: missing").replacing("web-1", with: "lost"),
      ].yaml)
    #expect(contents.failures.isEmpty)
    #expect(
      contents.warnings.map { "\($0.object): \($0.field): \($0.message)" } == [
        "Endpoints shop/old: kind: is not read, and Service shop/old has no EndpointSlice (discovery.k8s.io/v1)",
        "EndpointSlice shop/beta: apiVersion: \"discovery.k8s.io/v1beta1\" is not read, only discovery.k8s.io/v1 is; "
          + "the object has no effect",
        "EndpointSlice shop/alone: metadata.labels: has no label kubernetes.io/service-name; the slice belongs to no Service",
        "EndpointSlice shop/lost: metadata.labels[kubernetes.io/service-name]: there is no Service shop/missing; "
          + "the slice has no effect",
      ])
  }

  @Test func `the last of two objects counts`() throws {
    let contents = try load([Self.service, Self.service.replacing("10.200.1.16", with: "10.200.1.17")].yaml)
    #expect(contents.services.map { $0.clusterIPs.map(\.description) } == [["10.200.1.17"]])
    #expect(contents.warnings.map(\.message) == ["occurs here again; this definition is used"])
  }

  @Test(arguments: [
    (service.replacing("10.200.1.16", with: "None"), "headless (spec.clusterIP is None)"),
    (
      service.replacing("shop}", with: "shop, labels: {service.kubernetes.io/service-proxy-name: x}}"),
      #"label service.kubernetes.io/service-proxy-name says that "x" handles it"#
    ),
  ])
  func `the last definition counts also if it is ignored`(_ other: String, _ reason: String) throws {
    let contents = try load([Self.service, other].yaml)
    #expect(contents.services.isEmpty)
    #expect(contents.ignored.map(\.reason.description) == [reason])
    #expect(
      contents.warnings.map(\.message) == [
        "occurs here again; this definition is used; the object is ignored: \(reason)"
      ])
    let served = try load([other, Self.service].yaml)
    #expect(served.services.map(\.name.name) == ["web"])
    #expect(served.ignored.isEmpty)
    #expect(served.warnings.map(\.message) == ["occurs here again; this definition is used"])
  }

  @Test func `an object of another API is another object`() throws {
    let other = Self.service.replacing("apiVersion: v1", with: "apiVersion: serving.knative.dev/v1")
    let contents = try load([Self.service, other].yaml)
    #expect(contents.services.map(\.name.name) == ["web"])
    #expect(contents.ignored.count == 1)
    #expect(contents.warnings.isEmpty)
  }

  @Test func `CIDRs have no duplicates and the last definition counts`() throws {
    let twice = Self.cidr.replacing("[10.200.1.0/24", with: "[10.200.1.0/24, 10.200.1.0/24")
    #expect(try load(twice).serviceCIDRs.map(\.description) == ["10.200.1.0/24", "fd00:10:200::/112"])
    let changed = Self.cidr.replacing("10.200.1.0/24", with: "10.201.0.0/16")
    #expect(try load([twice, changed].yaml).serviceCIDRs.map(\.description) == ["10.201.0.0/16", "fd00:10:200::/112"])
  }

  /// Emacs puts a link beside a file that it edits. It points to no file.
  @Test func `hidden names are skipped, and a link to nowhere is an error`() throws {
    let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["m.yaml", ".hidden.yaml"] { try Data(Self.service.utf8).write(to: folder.appending(path: name)) }
    func link(_ name: String) throws {
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: name).path, withDestinationPath: "user@host.1:2")
    }
    try link(".#m.yaml")
    #expect(try ManifestLoader().files(at: folder.path) == [folder.appending(path: "m.yaml").path])
    #expect(try ManifestLoader().load(folder.path).services.count == 1)
    try link("lost.yaml")
    let error = #expect(throws: ManifestError.self) { try ManifestLoader().load(folder.path) }
    #expect(error?.description.contains("lost.yaml") == true, "\(String(describing: error))")
  }

  @Test func `directories are read in order and not below`() throws {
    let files = MemoryFiles([
      "/m/b.yaml": Self.service.replacing("name: web", with: "name: b"),
      "/m/a.json": "{}", "/m/c.yml": Self.service.replacing("name: web", with: "name: c"),
      "/m/d.txt": "no manifest", "/m/e.yaml/f.yaml": Self.service,
    ])
    let loader = ManifestLoader(storage: files)
    #expect(try loader.files(at: "/m") == ["/m/a.json", "/m/b.yaml", "/m/c.yml"])
    #expect(try loader.load("/m/").services.map(\.name.name) == ["b", "c"])
  }

  @Test func `what cannot be read is an error`() {
    let files = MemoryFiles(["/empty/readme.txt": ""])
    let loader = ManifestLoader(storage: files)
    #expect(throws: ManifestError.noManifests(directory: "/empty")) { try loader.load("/empty") }
    let error = #expect(throws: ManifestError.self) { try loader.load("/none") }
    #expect(error?.description == "cannot stat /none: No such file or directory")
  }

  private func load(_ text: String) throws -> ManifestContents {
    try ManifestLoader(storage: MemoryFiles(["/m.yaml": text])).load("/m.yaml")
  }
}

extension [String] {
  /// The documents in one file.
  fileprivate var yaml: String { joined(separator: "\n---\n") }
}
