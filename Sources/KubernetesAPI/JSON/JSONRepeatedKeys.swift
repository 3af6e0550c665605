import FoundationEssentials
import YAML

/// Finds a key that appears twice in one object of JSON. Foundation's decoder takes the first value without a word.
struct JSONRepeatedKeys {
  private let json: [UInt8]
  /// The keys of each open object; nil for an array.
  private var open: [Set<ArraySlice<UInt8>>?] = []
  private var index = 0
  /// The last string, without its quotes.
  private var string = 0..<0

  init(_ json: [UInt8]) { self.json = json }

  /// The first repeated key; nil if there is none.
  /// - Parameter firstLine: the line of the first byte.
  func first(firstLine: Int) -> RepeatedKey? {
    var scan = self
    guard let key = scan.next() else { return nil }
    let line = firstLine + json[..<scan.string.lowerBound].count { $0 == 0x0a }
    return RepeatedKey(key: String(decoding: key, as: UTF8.self), line: line)
  }

  private mutating func next() -> ArraySlice<UInt8>? {
    while index < json.count {
      switch json[index] {
      case UInt8(ascii: "\""): skipString()
      case UInt8(ascii: "{"): open.append([])
      case UInt8(ascii: "["): open.append(nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: ":"):
        let key = key
        if let last = open.indices.last, open[last]?.insert(key).inserted == false { return key }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Moves to the closing quote.
  private mutating func skipString() {
    let start = index + 1
    index = json.endOfJSONString(from: start)
    string = start..<index
  }

  /// The key that the last string means: `"na\u006de"` is `name`.
  private var key: ArraySlice<UInt8> {
    let raw = json[string]
    guard raw.contains(UInt8(ascii: "\\")) else { return raw }
    let text = try? JSONDecoder().decode(String.self, from: Data([0x22] + raw + [0x22]))
    return text.map { Array($0.utf8)[...] } ?? raw
  }
}
