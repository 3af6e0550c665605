import ServiceModel
import Testing

@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(5))) struct JSONItemSplitterTests {
  private static let text =
    #"{"a":"items","b":{"items":[1]},"items": [ {"x":"]}, \"[{"} , [1,2],3 ],"c":1} {"items":[]} {"a":{"items":[2]}}"#

  @Test(arguments: [1, 2, 3, 5, 11, 1000])
  func `whatever the pieces`(size: Int) throws {
    var splitter = JSONItemSplitter()
    var pieces: [String] = []
    var waiting: [UInt8] = []
    for chunk in Array(Self.text.utf8).pieces(of: size) {
      waiting += chunk
      try waiting.withUnsafeBytes { bytes in
        while let piece = try splitter.next(bytes) {
          switch piece {
          case .item(let json, _):
            #expect(Self.isPart(json, of: bytes), "an item is not copied")
            pieces.append(String(decoding: json, as: UTF8.self).trimmingBlanks)
          case .document(let json, _):
            #expect(Self.isPart(json, of: bytes), "a document is not copied")
            pieces.append(String(decoding: json, as: UTF8.self))
          case .list(let json, _): pieces.append("list \(String(decoding: json, as: UTF8.self))")
          }
        }
      }
      waiting.removeFirst(splitter.takeConsumed())
    }
    try splitter.finish()
    #expect(waiting == [])
    #expect(
      pieces == [
        #"{"x":"]}, \"[{"}"#, "[1,2]", "3", #"list {"a":"items","b":{"items":[1]},"items": [],"c":1}"#,
        #"list {"items":[]}"#, #"{"a":{"items":[2]}}"#,
      ])
  }

  @Test(arguments: [#"{"a key that is long":1,"items":[]:"#, #"{"a":1,"bbbbbbbbbbb":2} {:"#])
  func `a colon without a key leaves the splitter inside of its bytes`(text: String) throws {
    var splitter = JSONItemSplitter()
    try Array(text.utf8).withUnsafeBytes { bytes in while try splitter.next(bytes) != nil {} }
    #expect(throws: JSONItemSplitter.SyntaxError.self) { try splitter.finish() }
  }

  private static func isPart(_ piece: UnsafeRawBufferPointer, of bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress, let start = piece.baseAddress else { return false }
    return start >= base && start + piece.count <= base + bytes.count
  }

  @Test func `lines are counted`() throws {
    var splitter = JSONItemSplitter()
    var lines: [Int] = []
    try Array("\n{\"items\":[\n{\n},\n\n{}]}\n\n{\n}".utf8).withUnsafeBytes { bytes in
      while let piece = try splitter.next(bytes) {
        switch piece {
        case .item(_, let line), .document(_, let line), .list(_, let line): lines.append(line)
        }
      }
    }
    #expect(lines == [3, 6, 2, 8])
  }
}

@Suite(.timeLimit(.minutes(5))) struct JSONLocatorTests {
  private static let text = """
    {
      "metadata": {"name": "a", "labels": {"kubernetes.io/x": "y"}},
      "spec": {
        "ports": [
          {"port": 1},
          {"port": 2,
           "nodePort": 3}
        ]
      }
    }
    """

  @Test(arguments: [
    ("metadata.name", 1), ("spec", 2), ("spec.ports[0].port", 4), ("spec.ports[1].nodePort", 6), ("spec.ports[2]", 3),
    ("spec.ports[1].none", 5), ("metadata.labels[kubernetes.io/x]", 1), ("", 0), ("nothing", 0),
  ])
  func `lines of fields`(field: String, line: Int) {
    #expect(JSONLocator(Array(Self.text.utf8)).line(of: field) == line)
  }

  @Test(
    arguments: [
      ("{}", nil, ""), (#" {"a": [1, -2.5e3, true, null, "\"x"]} "#, nil, ""), ("{", 1, "a string is missing"),
      (#"{"a" 1}"#, 5, "':' is missing"), (#"{"a": nope}"#, 6, "\"nope\" is not a valid value"),
      ("[1 2]", 3, "',' is missing"),
      ("[1,]", 3, "a value is missing"), (#"["a]"#, 1, "a string is not closed"),
      ("[\"a\n\"]", 3, "a string is not closed"),
      ("{} {}", 3, "something follows the value"), ("", 0, "a value is missing"),
      (String(repeating: "[", count: 600), 512, "is nested too deep"),
    ] as [(String, Int?, String)])
  func `where text stops being JSON`(text: String, offset: Int?, problem: String) {
    let error = JSONLocator(Array(text.utf8)).syntaxError()
    #expect(error == offset.map { JSONLocator.SyntaxError(offset: $0, problem: problem) })
  }
}
