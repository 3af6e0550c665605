import Testing

@testable import YAML

@Suite(.timeLimit(.minutes(5))) struct YAMLTests {
  @Test(
    arguments: [
      ("", .null), ("~", .null), ("null", .null), ("true", .bool(true)), ("Yes", .bool(true)), ("off", .bool(false)),
      ("y", .string), ("n", .string), ("80", .number("80")), ("-7", .number("-7")), ("+7", .number("7")),
      ("0x1F", .number("31")), ("0o17", .number("15")), ("017", .number("15")), ("0b11", .number("3")),
      ("1_000", .number("1000")), ("1.5", .number("1.5")), ("1e3", .number("1000.0")), ("-", .string), (".", .string),
      ("10.0.0.1", .string), ("1:30", .string), ("2026-11-21", .string), ("fd00::1", .string), ("1s", .string),
      ("0x", .string), ("99999999999999999999", .number("1e+20")), (".inf", .string), ("+-1", .string),
      ("1e999", .string),
    ] as [(String, YAMLScalar)])
  func `plain scalars`(text: String, meaning: YAMLScalar) {
    #expect(YAMLScalar(plain: text) == meaning)
  }

  @Test(arguments: [
    ("a: 'x'", #"{"a":"x"}"#), ("a: \"80\"", #"{"a":"80"}"#), ("a: 80", #"{"a":80}"#),
    ("[a, ~, true]", #"["a",null,true]"#),
    ("a: |\n  x\n  \"y\"\n", #"{"a":"x\u000a\"y\"\u000a"}"#), ("'é\\': 1", #"{"é\\":1}"#),
    ("d: &d {x: 1, y: 2}\ne:\n  <<: *d\n  y: 3", #"{"d":{"x":1,"y":2},"e":{"y":3,"x":1}}"#),
    ("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}", #"{"a":{"x":1},"b":{"x":2,"y":2},"c":{"x":1,"y":2}}"#),
    ("a: &a {x: 1}\nb: {<<: *a, <<: {x: 2, y: 2}}", #"{"a":{"x":1},"b":{"x":1,"y":2}}"#),
    ("{'<<': 1}", #"{"<<":1}"#), ("{}", "{}"), ("- &a x\n- &a y\n- *a", #"["x","y","y"]"#),
    ("&k a: 1\nb: {*k : 2}", #"{"a":1,"b":{"a":2}}"#),
    ("[!!str 80, ! 80, !!int '80', !!bool \"true\", !own 80, !own '80']", #"["80","80",80,true,80,"80"]"#),
    ("a:\n- b: >\n    c\n    d\n  e: 'f\n    g'\n", #"{"a":[{"b":"c d\u000a","e":"f g"}]}"#),
    ("\u{feff}a: 1\r\nb: |\r\n  c\r\n", #"{"a":1,"b":"c\u000a"}"#),
  ])
  func `as JSON`(yaml: String, json: String) throws {
    #expect(String(decoding: try convert(yaml), as: UTF8.self) == json)
  }

  @Test(arguments: [
    ("a: 1\n? [a]\n: b", 2, "has a key that is not a string"), ("<<: 5", 1, "merges a value that is not a mapping"),
    ("a: &a [x]\nb:\n  *a : 1", 3, "has a key that is not a string"),
    ("{? {a: 1}}", 1, "has a key that is not a string"),
    ("- a\n- *b", 2, "has an alias without an anchor"),
    ("- &a\n  - *a", 2, "has an alias without an anchor"),
    (nested(200), 1, "is nested more than 128 levels deep"),
    (
      "a: &a \(nested(100))\nb: \(nested(26))\nc: [*a]\nd: \(nested(30, around: "*a"))", 4,
      "is nested more than 128 levels deep"
    ),
    (bomb(levels: 40), 7, "is larger than 16 MiB"), (mergeBomb, 3, "merges more than 4 levels"),
    ("a: 1\nb: 2\n\"a\": 3", 3, "has a repeated key: \"a\""), ("- - {b: 1,\n  b: 1}", 2, "has a repeated key: \"b\""),
  ])
  func `refused`(yaml: String, line: Int, problem: String) throws {
    let error = #expect(throws: YAMLError.self) { try convert(yaml) }
    #expect(error == YAMLError(line: line, problem: problem))
  }

  @Test(arguments: [
    ("a: [", 3, "did not find expected node content while parsing a flow node of line 3"),
    ("a: 1\nb: c: d", 3, "mapping values are not allowed in this context"),
    ("a: 1\nb: \u{1}", 3, "control characters are not allowed"),
    ("a: 'x\n\n", 4, "found unexpected end of stream while scanning a quoted scalar of line 2"),
  ])
  func `text that is not YAML`(yaml: String, line: Int, problem: String) throws {
    let documents = YAMLDocuments("---\n" + yaml)
    let error = #expect(throws: YAMLError.self) { try documents.next() }
    #expect(error == YAMLError(line: line, problem: problem))
    #expect(try documents.next() == nil)
  }

  @Test func `a document that cannot be read does not affect the others`() throws {
    let documents = YAMLDocuments("a: 1\n---\nb: *a\n---\n? {c: 1}\n: [d, [e]]\n---\n---\nf: 1\n...\n")
    #expect(try documents.next()?.root["a"]?.scalar?.text == "1")
    #expect(throws: YAMLError(line: 3, problem: "has an alias without an anchor")) { try documents.next() }
    #expect(throws: YAMLError(line: 5, problem: "has a key that is not a string")) { try documents.next() }
    #expect(try documents.next()?.isEmpty == true)
    #expect(try documents.next()?.root["f"]?.line == 9)
    #expect(try documents.next() == nil)
  }

  @Test func `lines`() throws {
    let document = try #require(try YAMLDocuments("a: 1\nb:\n  c:\n  - 1\n  - d: x\n").next())
    for (field, line) in [("a", 1), ("b.c[1].d", 5), ("b.c[0]", 4), ("b.c[7]", 4), ("b.x", 3), ("", 1), ("zzz", 1)] {
      #expect(document.line(of: field) == line, "\(field)")
    }
  }
}

private func nested(_ levels: Int, around text: String = "") -> String {
  String(repeating: "[", count: levels) + text + String(repeating: "]", count: levels)
}

/// Aliases of aliases: 2 to the power of `levels` words.
private func bomb(levels: Int) -> String {
  "a0: &a0 word\n" + (1...levels).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
}

private let mergeBomb =
  "a0: &a0 {x: 1}\n" + (1...30).map { "a\($0): &a\($0)\n  <<: [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
