import Doubles
import ServiceModel
import Testing
import YAML

@testable import Configuration
@testable import KubernetesAPI

/// Small files that expand to very large objects, or that contain impossible numbers.
@Suite(.timeLimit(.minutes(1))) struct YAMLBombTests {
  private func failures(_ text: String) throws -> [String] {
    try ManifestLoader(storage: MemoryFiles(["/f.yaml": text])).load("/f.yaml").failures.map(\.description)
  }

  /// Each line holds the one before it several times.
  private func doubling(_ levels: Int, times: Int, last: String) -> String {
    let lines = (1..<levels).map { level in
      "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: times).joined(separator: ","))]\n"
    }
    return "kind: Service\na0: &a0 [x]\n" + lines.joined() + last
  }

  @Test func `aliases of aliases`() throws {
    let failures = try failures(doubling(60, times: 9, last: "spec: *a59\n"))
    #expect(failures.count == 1 && failures.first?.contains("MiB") == true, "\(failures)")
  }

  @Test func `aliases of aliases as a key`() throws {
    let failures = try failures(doubling(60, times: 9, last: "? *a59\n: 1\n? *a58\n: 2\n"))
    #expect(failures.count == 1 && failures.first?.contains("has a key that is not a string") == true, "\(failures)")
    let plain = "*a"
    #expect(try self.failures("kind: Service\na: &a x\n{b: {\(plain) : 1}}\n").count == 1)
  }

  /// Keys and values are told apart inside all kinds of values.
  @Test func `values that are aliases`() throws {
    let text = """
      a: &a {x: [1, {y: z}], ? "k" : &v [*n, {w: *n}]}
      b: &n 1
      """
    let document = try #require(
      try YAMLDocuments(text.replacing("*n", with: "1") + "\nc: *a\nd: [*a, {e: *n}, *v]\n").next())
    let root = document.root
    #expect(try YAMLToJSON.convert(root).count > 100)
  }

  /// Lists in lists of mappings count too, also if they are empty.
  @Test func `merges of lists`() throws {
    func list(_ element: String) -> String { "[\(Array(repeating: element, count: 1000).joined(separator: ","))]" }
    let text = "kind: Service\na: &a []\nb: &b \(list("*a"))\nc: &c \(list("*b"))\nd: {<<: \(list("*c"))}\n"
    let failures = try failures(text)
    #expect(failures.count == 1 && failures[0].contains("merges more than"), "\(failures)")
  }

  @Test func `the path of a repeated key is short`() throws {
    let long = String(repeating: "k", count: 100_000)
    let text = "a:\n  ? \(long)\n  : {\(Array(repeating: "b: 1", count: 500).joined(separator: ","))}\n"
    let document = try #require(try YAMLDocuments(text).next())
    #expect(document.duplicateKeys.count == 499)
    #expect(document.duplicateKeys.allSatisfy { $0.path == "a" })
  }

  @Test(arguments: [(3000, 3000, 3000), (100_000, 1, 100), (1, 100_000, 0)])
  func `merges of merges`(outer: Int, inner: Int, keys: Int) throws {
    let pairs = (0..<keys).map { "k\($0): 1" }.joined(separator: ",")
    let first = "a: &a {\(pairs)}\nb: &b {<<: [\(Array(repeating: "*a", count: inner).joined(separator: ","))]}\n"
    let second = "c: {<<: [\(Array(repeating: "*b", count: outer).joined(separator: ","))]}\n"
    let failures = try failures("kind: Service\n" + first + second)
    #expect(failures.count == 1, "\(failures)")
  }

  @Test(arguments: [
    "-0x-8000000000000000", "-0b-1\(String(repeating: "0", count: 63))", "-0o-1000000000000000000000", "0x-1", "0x+1",
    "-0x", "0x", "0b", "--1", "+-1", "-9223372036854775809x", "0_x_1_-", "1e999", "-1e999",
  ])
  func `text that only looks like a number stays a string`(text: String) throws {
    let root = try #require(try YAMLDocuments("- \(text)\n").next()).root
    let json = String(decoding: try YAMLToJSON.convert(root), as: UTF8.self)
    #expect(json == "[\"\(text)\"]")
  }

  @Test(arguments: [
    ("-9223372036854775807", "-9223372036854775807"), ("9223372036854775807", "9223372036854775807"),
    ("-0x7fffffffffffffff", "-9223372036854775807"), ("9223372036854775808", "9.223372036854776e+18"),
  ])
  func `the largest and smallest numbers`(text: String, json expected: String) throws {
    let root = try #require(try YAMLDocuments("- \(text)\n").next()).root
    #expect(String(decoding: try YAMLToJSON.convert(root), as: UTF8.self) == "[\(expected)]")
  }

  @Test(arguments: [("[", "]"), ("{a: ", "}"), ("[{? [", "]}]")])
  func `nesting that is closed again`(opening: String, closing: String) throws {
    for depth in [100, 900, 20_000] {
      let text = String(repeating: opening, count: depth) + String(repeating: closing, count: depth)
      #expect(try failures("kind: Service\nmetadata: \(text)\n").count == 1)
    }
  }

  /// Each alias adds a level to the value of the alias before it.
  @Test func `nesting by aliases`() throws {
    let lines = (1..<100_000).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }
    let failures = try failures("kind: Service\na0: &a0 [x]\n" + lines.joined())
    #expect(failures.count == 1 && failures.first?.contains("is nested more than 128") == true, "\(failures)")
  }

  @Test func `blocks in blocks`() throws {
    for depth in [900, 3000] {
      let text = (0..<depth).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
      #expect(try failures("kind: Service\n" + text).count == 1)
    }
  }

  /// As many fields that nobody knows as fit into a file; the paths of each inside of a long one.
  @Test func `a configuration of unknown fields`() throws {
    let head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
    let wide = (0..<60_000).map { "x\($0): 1\n" }.joined()
    #expect(try ConfigurationFile(Array((head + wide).utf8), name: "c").warnings.count == YAMLDocument.fieldLimit)
    let long = String(repeating: "k", count: 1000)
    let deep = "iptables: {\(long): {\((0..<20_000).map { "a\($0): 1" }.joined(separator: ","))}}\n"
    #expect(try ConfigurationFile(Array((head + deep).utf8), name: "c").warnings.count == 1)
  }

  @Test(arguments: [
    ("\u{feff}", "a byte order mark"), ("# a\r\n---\r\n", "line ends of Windows"),
    ("---\n---\n# a\n---\n", "empty documents"),
    ("\n\n \n", "blank lines"), ("%YAML 1.1\n---\n", "a directive"),
  ])
  func `byte order marks and line ends of editors`(head: String, reason: String) throws {
    let yaml =
      "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}\n"
    let json =
      #"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80}]}}"#
    for body in head.contains("-") || head.contains("#") ? [yaml] : [yaml, json] {
      let loader = ManifestLoader(storage: MemoryFiles(["/f.yaml": head + body]))
      let contents = try loader.load("/f.yaml")
      #expect(contents.services.count == 1, "\(reason): \(contents.failures)")
    }
  }
}
