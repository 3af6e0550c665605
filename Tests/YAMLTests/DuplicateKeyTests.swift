import Testing

@testable import YAML

@Suite(.timeLimit(.minutes(5))) struct DuplicateKeyTests {
  @Test func `each repeated key is named, and its last value counts`() throws {
    let text = """
      a: 1
      b: {c: [x, {d: 1, d: 2}], c: 3}
      a: 4
      e: &e {f: 1, "f": 2}
      g: *e
      a: 5
      """
    let document = try #require(try YAMLDocuments(text).next())
    #expect(
      document.duplicateKeys == [
        .init(path: "b.c[1].d", key: "d", line: 2), .init(path: "b.c", key: "c", line: 2),
        .init(path: "a", key: "a", line: 3), .init(path: "e.f", key: "f", line: 4),
        .init(path: "a", key: "a", line: 6),
      ])
    let json = try YAMLToJSON.convert(document.root, duplicateKeys: .lastWins)
    #expect(String(decoding: json, as: UTF8.self) == #"{"a":5,"b":{"c":3},"e":{"f":2},"g":{"f":2}}"#)
    #expect(throws: YAMLError.self) { try YAMLToJSON.convert(document.root) }
  }

  /// Mappings with many keys are searched by an index.
  @Test(arguments: [2, 7, 8, 9, 10, 100])
  func `repeated keys are found in mappings of every size`(size: Int) throws {
    let lines = (0..<size).map { "k\($0): \($0)" } + ["<<: {x: 1}", "'<<': 1", "k1: last"]
    let document = try #require(try YAMLDocuments(lines.joined(separator: "\n")).next())
    #expect(document.duplicateKeys == [.init(path: "k1", key: "k1", line: size + 3)])
    #expect(document.root["k1"]?.string == "last")
    #expect(document.root.mapping?.pairs.count == size + 2)
  }

  @Test func `at most a thousand repeated keys are kept, with shortened paths`() throws {
    let long = String(repeating: "k", count: 400)
    let twice = (0..<1100).map { "a\($0): 1, a\($0): 1" }.joined(separator: ", ")
    let document = try #require(try YAMLDocuments("{\(long): {\(long): {\(long): {\(twice)}}}}").next())
    #expect(document.duplicateKeys.count == 1000)
    #expect(document.duplicateKeys.allSatisfy { $0.path == "\(long).\(long)" })
  }
}
