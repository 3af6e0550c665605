/// The words of one line, as iptables-restore splits them: at white space outside of double quotes.
///
/// The storage is used again for the next line.
struct RestoreWords {
  struct Word {
    var range: Range<Int>
    /// A quoted word is never an option.
    var isQuoted: Bool
  }

  private(set) var words: [Word] = []
  /// The words' bytes without quotation marks and backslashes.
  private var bytes: [UInt8] = []

  var count: Int { words.count }

  /// Splits `line`; throws `unterminatedQuote`.
  mutating func split(_ line: borrowing Span<UInt8>) throws(RestoreSyntaxError.Reason) {
    words.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    var start = 0
    var isQuoted = false
    var inQuotes = false
    var isEscaped = false
    for index in line.indices {
      let byte = line[index]
      if inQuotes {
        if isEscaped {
          bytes.append(byte)
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          inQuotes = false
        } else {
          bytes.append(byte)
        }
      } else if byte == UInt8(ascii: "\"") {
        inQuotes = true
        isQuoted = true
      } else if byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
        end(&start, &isQuoted)
      } else {
        bytes.append(byte)
      }
    }
    if inQuotes { throw .unterminatedQuote }
    end(&start, &isQuoted)
  }

  private mutating func end(_ start: inout Int, _ isQuoted: inout Bool) {
    if bytes.count > start || isQuoted { words.append(Word(range: start..<bytes.count, isQuoted: isQuoted)) }
    start = bytes.count
    isQuoted = false
  }

  subscript(index: Int) -> String { String(decoding: bytes[words[index].range], as: UTF8.self) }

  func utf8(_ index: Int) -> ArraySlice<UInt8> { bytes[words[index].range] }

  func chain(_ index: Int) -> ChainName { ChainName(utf8: utf8(index)) }

  /// Whether word `index` is an option of one letter, such as `-m`, `-s` or `-j`.
  func isShortOption(_ index: Int) -> Bool {
    let range = words[index].range
    return !words[index].isQuoted && range.count == 2 && bytes[range.lowerBound] == UInt8(ascii: "-")
      && !(0x30...0x39).contains(bytes[range.lowerBound + 1])
  }

  func isLongOption(_ index: Int) -> Bool {
    let range = words[index].range
    return !words[index].isQuoted && range.count > 2 && bytes[range.lowerBound] == UInt8(ascii: "-")
      && bytes[range.lowerBound + 1] == UInt8(ascii: "-")
  }

  /// Whether word `index` is an option of the transport protocol, which may come after another module's options.
  func isPortOption(_ index: Int) -> Bool {
    guard isLongOption(index) else { return false }
    return switch self[index] {
    case "--dport", "--destination-port", "--sport", "--source-port": true
    default: false
    }
  }

  func isNegation(_ index: Int) -> Bool {
    let range = words[index].range
    return range.count == 1 && !words[index].isQuoted && bytes[range.lowerBound] == UInt8(ascii: "!")
  }
}
