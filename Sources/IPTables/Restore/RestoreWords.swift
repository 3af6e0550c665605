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
      } else if RestoreWords.isBlank(byte) {
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

  /// The name of a chain in a word, after its first `prefix` bytes. Throws `badChain` for a name that no chain can
  /// have: it could not be written without quotes.
  func chain(_ index: Int, after prefix: Int = 0) throws(RestoreSyntaxError.Reason) -> ChainName {
    let name = utf8(index).dropFirst(prefix)
    guard RestoreWords.isPlain(name) else { throw .badChain(String(decoding: name, as: UTF8.self)) }
    return ChainName(utf8: name)
  }

  /// Whether word `index` is an option of one letter, such as `-m`, `-s` or `-j`.
  func isShortOption(_ index: Int) -> Bool {
    let range = words[index].range
    return !words[index].isQuoted && range.count == 2 && bytes[range.lowerBound] == UInt8(ascii: "-")
      && RestoreWords.isLetter(bytes[range.lowerBound + 1])
  }

  func isLongOption(_ index: Int) -> Bool {
    let range = words[index].range
    return !words[index].isQuoted && range.count > 2 && bytes[range.lowerBound] == UInt8(ascii: "-")
      && bytes[range.lowerBound + 1] == UInt8(ascii: "-")
  }

  /// Whether word `index` is an option of the transport protocol, which may come after another module's options.
  func isTransportOption(_ index: Int) -> Bool {
    isLongOption(index) && RestoreWords.transportOptions.contains(self[index])
  }

  static let transportOptions: Set = [
    "--dport", "--destination-port", "--sport", "--source-port", "--tcp-flags", "--syn", "--tcp-option",
    "--chunk-types",
  ]

  /// Whether word `index` is an option whose value iptables-save writes without quotes, even if it looks like an
  /// option.
  func isTextOption(_ index: Int) -> Bool {
    isLongOption(index) && RestoreWords.textOptions.contains(self[index])
  }

  private static let textOptions: Set = ["--comment", "--log-prefix", "--nflog-prefix", "--nfacct-name", "--name"]

  func isNegation(_ index: Int) -> Bool {
    let range = words[index].range
    return range.count == 1 && !words[index].isQuoted && bytes[range.lowerBound] == UInt8(ascii: "!")
  }
}

/// How words have to be written.
extension RestoreWords {
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

  /// An option of one character is a letter. `-1` is a number. `-\` is written in quotes, and a quoted word is no
  /// option.
  private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte & 0xdf) }

  /// Whether the bytes are one word without quotes.
  static func isPlain(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { !isBlank($0) && $0 != UInt8(ascii: "\"") }
  }

  /// For each word of a foreign match or target, whether it would be read in another way if it had no quotes: as the
  /// start of another match, or as an option that takes the next match's first word as its value. To iptables, quotes
  /// make no difference here.
  /// - Parameter hasTransport: whether the rule has options of a transport protocol, which end another module's
  ///   options.
  static func areAmbiguous(_ words: [String], hasTransport: Bool) -> [Bool] {
    let start = words.first == "!" ? 1 : 0
    // `-p foo -m tcp` is one match, and its `-m` is an option.
    if words.dropFirst(start).first == "-p" { return words.map { _ in false } }
    let isModule = words.dropFirst(start).first.map { $0 == "-m" || !$0.hasPrefix("-") } ?? false
    return words.indices.map { index in
      let bytes = Array(words[index].utf8)
      if index <= start { return false }
      if bytes.elementsEqual("!".utf8) { return !isModule || index + 1 == words.count }
      let isOption =
        bytes.count == 2 ? isLetter(bytes[1]) : bytes.count > 2 && bytes[1] == UInt8(ascii: "-")
      guard bytes.first == UInt8(ascii: "-"), bytes.count >= 2, isOption else { return false }
      let lacksValue = index + 1 == words.count && textOptions.contains(words[index])
      let endsModule = hasTransport && transportOptions.contains(words[index])
      return bytes.count == 2 || !isModule || lacksValue || endsModule
    }
  }
}
