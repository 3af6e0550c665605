import Doubles
import ServiceModel
import Testing

@testable import KubernetesAPI

/// Numbers that an Int cannot hold, and halves of UTF-16 characters. Foundation's decoder says of both that all of the
/// text is not valid JSON.
@Suite(.timeLimit(.minutes(5))) struct UnreadableNumberTests {
  private static let ports = #"{"name": "a", "port": 80}, {"name": "b", "port": 81, "nodePort": 30081}"#

  private static func service(_ ports: String = ports) -> String {
    """
    {"apiVersion": "v1", "kind": "Service",
     "metadata": {"name": "web", "namespace": "shop", "annotations": {"a": "}, 1.5, \\""}, "generation": 1.5},
     "spec": {"clusterIP": "10.200.1.9", "type": "NodePort", "ports": [
      \(ports)]}}
    """
  }

  @Test(arguments: [
    ("80.5", "80.5 is not a whole number"), ("8.05e1", "8.05e1 is not a whole number"),
    ("1e400", "1e400 is out of range"), ("-1e30", "-1e30 is out of range"),
    ("99999999999999999999999", "99999999999999999999999 is out of range"),
  ])
  func `only the port is left out, and the error names the number`(number: String, problem: String) throws {
    let contents = try load(Self.service(Self.ports.replacing("80", with: number)))
    #expect(contents.failures == [])
    #expect(contents.services.map { $0.ports.map(\.port) } == [[81]])
    #expect(
      contents.warnings.map(\.description) == [
        "/m.json:4 (document 1): Service shop/web: spec.ports[0].port: \(problem); the port is left out"
      ])
  }

  @Test(arguments: ["007", "81.", "+81", ".5", "1e", "0x51", "NaN"])
  func `what is no number in JSON is named with its line`(number: String) throws {
    let contents = try load(Self.service(Self.ports.replacing("81", with: number)))
    let problem = "\(number.quoted) is not a valid value"
    #expect(contents.failures.count == 1 && contents.services.isEmpty)
    // Of some of them the decoder says that the rest of the object cannot be read either, so the name is not known.
    let errors = contents.failures.map { $0.description.replacing("Service shop/web: ", with: "") }
    #expect(errors == ["/m.json:4 (document 1): \(problem)"])
  }

  @Test func `several numbers are all named`() throws {
    let ports = #"{"name": "c", "port": 1.5}, {"name": "d", "port": 83, "nodePort": 1.5}"#
    let contents = try load(Self.service("\(Self.ports), \(ports)"))
    #expect(contents.services.map { $0.ports.map(\.port) } == [[80, 81, 83]])
    #expect(contents.warnings.map(\.field) == ["spec.ports[2].port", "spec.ports[3].nodePort"])
  }

  @Test func `YAML, too, loses only the port`() throws {
    let contents = try load(
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec:
        clusterIP: 10.200.1.9
        ports:
        - {name: a, port: 80}
        - {name: b, port: 80.5}
      """)
    #expect(contents.services.map { $0.ports.map(\.port) } == [[80]])
    #expect(
      contents.warnings.map(\.description) == [
        "/m.json:8 (document 1): Service shop/web: spec.ports[1].port: 80.5 is not a whole number; the port is left out"
      ])
  }

  @Test func `a watch loses only the port`() throws {
    var decoder = ObjectDecoder()
    let object = Self.service(Self.ports.replacing("80", with: "80.5"))
    let event = try decoder.event(
      #"{"type": "ADDED", "object": \#(object)}"#.utf8, source: ObjectSource(name: "watch"))
    guard case .change(.added, let service) = event else { throw OtherEvent(event: event) }
    #expect(service.warnings.map(\.field) == ["spec.ports[0].port"])
  }

  private struct OtherEvent: Error { let event: WatchEvent }

  @Test(arguments: [
    (#"\ud800"#, "\u{fffd}"), (#"\udc00"#, "\u{fffd}"), (#"\ud800\u0041"#, "\u{fffd}A"),
    (#"\ud800\ud83d\ude00"#, "\u{fffd}😀"), (#"\\ud800"#, #"\ud800"#),
  ])
  func `a lone surrogate is read as in Go`(text: String, read: String) throws {
    let contents = try load(Self.service().replacing(#""web""#, with: #""\#(text)""#))
    #expect(contents.failures.count == 1)
    #expect(contents.failures[0].description.contains("metadata.name: \(read.quoted) is not"), "\(contents.failures)")
  }

  private func load(_ text: String) throws -> ManifestContents {
    try ManifestLoader(storage: MemoryFiles(["/m.json": text])).load("/m.json")
  }
}
