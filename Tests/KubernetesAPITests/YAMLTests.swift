import Testing

@testable import KubernetesAPI

@Suite struct YAMLTests {
  @Test(
    "plain scalars",
    arguments: [
      ("", .null), ("~", .null), ("null", .null), ("true", .bool(true)), ("Yes", .bool(true)), ("off", .bool(false)),
      ("y", .string), ("n", .string), ("80", .number("80")), ("-7", .number("-7")), ("+7", .number("7")),
      ("0x1F", .number("31")), ("0o17", .number("15")), ("017", .number("15")), ("0b11", .number("3")),
      ("1_000", .number("1000")), ("1.5", .number("1.5")), ("1e3", .number("1000.0")), ("-", .string), (".", .string),
      ("10.0.0.1", .string), ("1:30", .string), ("2026-11-21", .string), ("fd00::1", .string), ("1s", .string),
      ("0x", .string), ("99999999999999999999", .number("1e+20")), (".inf", .string), ("+-1", .string),
      ("1e999", .string),
    ] as [(String, YAMLScalar)])
  func scalar(text: String, meaning: YAMLScalar) {
    #expect(YAMLScalar(plain: text) == meaning)
  }

  @Test(
    "as JSON",
    arguments: [
      ("a: 'x'", #"{"a":"x"}"#), ("a: \"80\"", #"{"a":"80"}"#), ("a: 80", #"{"a":80}"#),
      ("[a, ~, true]", #"["a",null,true]"#),
      ("a: |\n  x\n  \"y\"\n", #"{"a":"x\u000a\"y\"\u000a"}"#), ("'é\\': 1", #"{"é\\":1}"#),
      ("d: &d {x: 1, y: 2}\ne:\n  <<: *d\n  y: 3", #"{"d":{"x":1,"y":2},"e":{"y":3,"x":1}}"#),
      ("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}", #"{"a":{"x":1},"b":{"x":2,"y":2},"c":{"x":1,"y":2}}"#),
      ("{'<<': 1}", #"{"<<":1}"#), ("{}", "{}"),
    ])
  func json(yaml: String, json: String) throws {
    let root = try #require(try YAMLDocuments(yaml).next())
    #expect(String(decoding: try YAMLToJSON.convert(root), as: UTF8.self) == json)
  }

  @Test(
    "refused",
    arguments: [
      ("? [a]\n: b", "has a key that is not a string"), ("<<: 5", "merges something that is no mapping"),
      (String(repeating: "[", count: 200) + String(repeating: "]", count: 200), "is nested more than 128 levels deep"),
      (bomb(levels: 40), "is larger than 16 MiB"), (mergeBomb, "merges more than 4 levels"),
    ])
  func refuses(yaml: String, problem: String) throws {
    let root = try #require(try YAMLDocuments(yaml).next())
    let refusal = #expect(throws: YAMLToJSON.Refusal.self) { try YAMLToJSON.convert(root) }
    #expect(refusal?.problem == problem)
  }

  @Test func lines() throws {
    let document = YAMLDocument(root: try #require(try YAMLDocuments("a: 1\nb:\n  c:\n  - 1\n  - d: x\n").next()))
    for (field, line) in [("a", 1), ("b.c[1].d", 5), ("b.c[0]", 4), ("b.c[7]", 4), ("b.x", 3), ("", 1), ("zzz", 1)] {
      #expect(document.line(of: field) == line, "\(field)")
    }
  }
}

/// Aliases of aliases: 2 to the power of `levels` words.
private func bomb(levels: Int) -> String {
  "a0: &a0 word\n" + (1...levels).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
}

private let mergeBomb =
  "a0: &a0 {x: 1}\n" + (1...30).map { "a\($0): &a\($0)\n  <<: [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
