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
