import ServiceModel
import Testing

@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(5))) struct JSONItemSplitterTests {
  private static let text =
    #"{"a":"items","b":{"items":[1]},"items": [ {"x":"]}, \"[{"} , [1,2],3 ],"c":1} {"items":[]} {"a":{"items":[2]}}"#

  @Test(arguments: [1, 2, 3, 5, 11, 1000])
  func `items are the same in pieces of any size`(size: Int) throws {
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

  @Test(arguments: [1, 2, 3, 5, 1000], [true, false])
  func `a separator may stand between documents of a file`(size: Int, isFile: Bool) throws {
    var splitter = JSONItemSplitter(allowsSeparators: isFile)
    var (documents, waiting): ([String], [UInt8]) = ([], [])
    func read(_ text: String) throws {
      for chunk in Array(text.utf8).pieces(of: size) {
        waiting += chunk
        try waiting.withUnsafeBytes { bytes in
          while case .document(let json, let line)? = try splitter.next(bytes) {
            documents.append("\(line): \(String(decoding: json, as: UTF8.self))")
          }
        }
        waiting.removeFirst(splitter.takeConsumed())
      }
      try splitter.finish()
    }
    let text = "{\"a\":1}\n---\n{\"b\":2}\n--- \n---\n\n{}\n---"
    guard isFile else {
      #expect(throws: JSONItemSplitter.SyntaxError.self) { try read(text) }
      return
    }
    try read(text)
    #expect(documents == [#"1: {"a":1}"#, #"3: {"b":2}"#, "7: {}"])
    for wrong in ["--", "----\n{}", "-{}", "---{}", "- --\n{}", "--- x"] {
      splitter = JSONItemSplitter(allowsSeparators: true)
      waiting = []
      #expect(throws: JSONItemSplitter.SyntaxError.self, "\(wrong)") { try read("{}\n" + wrong) }
    }
  }

  private static func isPart(_ piece: UnsafeRawBufferPointer, of bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress, let start = piece.baseAddress else { return false }
    return start >= base && start + piece.count <= base + bytes.count
  }

  @Test func `lines of items are counted`() throws {
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
