/// Splits a stream of JSON documents into objects as the bytes arrive. Each element of a top-level `items` array is
/// returned separately, and after the last one the document without its items. So a list of any length needs only the
/// memory of its largest item.
///
/// The bytes of a piece are not copied: they stay where the caller has them, from the start of the piece until it is
/// complete. The splitter only finds the boundaries. The decoder checks whether the pieces are valid JSON.
struct JSONItemSplitter {
  /// A part of the caller's bytes, and its first line.
  enum Piece {
    /// An element of the top-level `items`.
    case item(UnsafeRawBufferPointer, line: Int)
    /// A document without `items`.
    case document(UnsafeRawBufferPointer, line: Int)
    /// A document with `items`, after all of its items. The array is empty here.
    case list([UInt8], line: Int)
  }

  /// The bytes are not a sequence of JSON objects.
  struct SyntaxError: Error, Equatable {
    var line: Int
    var problem: String
  }

  static let pieceLimit = WatchEventReader.objectLimit

  private enum Place {
    case betweenDocuments
    /// After this many hyphens of the line that separates two documents.
    case inSeparator(hyphens: Int)
    case inDocument
    case betweenItems(Separator)
    case inItem
  }

  private enum Separator {
    case start
    case item
    case comma
  }

  /// Whether a line `---` may stand between two documents. kubectl reads such files.
  private let allowsSeparators: Bool
  private var place = Place.betweenDocuments
  /// The offset of the first byte that is still needed: the start of a piece that is not complete.
  private var start = 0
  /// The offset of the next byte to look at.
  private var index = 0
  /// The number of open brackets in the document, or in the item while inside one.
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  /// The start of the last string directly inside the document, counted from `start`. It may be a key.
  private var stringStart = 0
  private var isAfterItemsKey = false
  /// The document around its items; nil if no items were found in it.
  private var list: [UInt8]?
  private var line = 1
  private var documentLine = 1
  private var itemLine = 1

  init(allowsSeparators: Bool = false) { self.allowsSeparators = allowsSeparators }

  /// The next complete piece; nil if more bytes are needed. The piece is valid as long as `bytes` are.
  /// - Parameter bytes: the bytes that were left after the last `takeConsumed`, followed by those that arrived since.
  mutating func next(_ bytes: UnsafeRawBufferPointer) throws(SyntaxError) -> Piece? {
    while index < bytes.count {
      switch place {
      case .betweenDocuments: try beginDocument(bytes[index])
      case .inSeparator(let hyphens): try separatorByte(bytes[index], after: hyphens)
      case .inDocument: if let piece = try documentBytes(bytes) { return piece }
      case .betweenItems(let separator): try betweenItems(bytes[index], after: separator)
      case .inItem: if let piece = try itemBytes(bytes) { return piece }
      }
    }
    return nil
  }

  /// The number of bytes that are no longer needed. The caller has to remove them from the front.
  mutating func takeConsumed() -> Int {
    defer { (start, index) = (0, index - start) }
    return start
  }

  /// Called when there are no more bytes.
  func finish() throws(SyntaxError) {
    switch place {
    case .betweenDocuments, .inSeparator(hyphens: 3): return
    default: break
    }
    throw SyntaxError(line: line, problem: "the text ends in the middle of an object")
  }

  private mutating func beginDocument(_ byte: UInt8) throws(SyntaxError) {
    if skipBlank(byte) { return }
    if byte == UInt8(ascii: "-"), allowsSeparators { return try separatorByte(byte, after: 0) }
    guard byte == UInt8(ascii: "{") else { throw noObject }
    place = .inDocument
    start = index
    stringStart = 0
    documentLine = line
    isAfterItemsKey = false
  }

  private var noObject: SyntaxError { SyntaxError(line: line, problem: "an object has to begin with '{'") }

  private mutating func separatorByte(_ byte: UInt8, after hyphens: Int) throws(SyntaxError) {
    if hyphens == 3, skipBlank(byte) {
      place = .betweenDocuments
    } else if hyphens < 3, byte == UInt8(ascii: "-") {
      index += 1
      start = index
      place = .inSeparator(hyphens: hyphens + 1)
    } else {
      throw noObject
    }
  }

  /// Looks at the bytes of the document up to its end or to the start of its `items`. Most bytes of a watch pass
  /// through this function, so it has to be fast.
  /// - Returns: the document, if its end was found.
  private mutating func documentBytes(_ bytes: UnsafeRawBufferPointer) throws(SyntaxError) -> Piece? {
    var index = self.index
    var isInString = self.isInString
    var isEscaped = self.isEscaped
    var place = Place.inDocument
    scan: while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        isInString = true
        if depth == 1 { stringStart = index - start - 1 }
      case UInt8(ascii: ":") where depth == 1:
        isAfterItemsKey = bytes[(start + stringStart)...].starts(with: "\"items\"".utf8)
      case UInt8(ascii: ",") where depth == 1:
        isAfterItemsKey = false
      case UInt8(ascii: "[") where depth == 1 && isAfterItemsKey:
        place = .betweenItems(.start)
        break scan
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth <= 0 {
          place = .betweenDocuments
          break scan
        }
      default:
        break
      }
    }
    self.isInString = isInString
    self.isEscaped = isEscaped
    try advance(to: index, bytes, from: documentLine)
    self.place = place
    switch place {
    case .betweenItems:
      moveToList(bytes)
      return nil
    case .betweenDocuments: return endDocument(bytes)
    default: return nil
    }
  }

  /// Moves on to an index and counts the lines before it.
  /// - Parameter firstLine: the line of the piece, for the message if it is too large.
  private mutating func advance(
    to end: Int, _ bytes: UnsafeRawBufferPointer, from firstLine: Int
  ) throws(SyntaxError) {
    guard (list?.count ?? 0) + end - start <= JSONItemSplitter.pieceLimit else {
      throw SyntaxError(
        line: firstLine, problem: "the object is larger than \(JSONItemSplitter.pieceLimit >> 20) MiB")
    }
    for byte in bytes[index..<end] where byte == 0x0a { line += 1 }
    index = end
  }

  /// Appends the bytes up to the index to the document around the items.
  private mutating func moveToList(_ bytes: UnsafeRawBufferPointer) {
    list = (list ?? []) + bytes[start..<index]
    start = index
  }

  private mutating func endDocument(_ bytes: UnsafeRawBufferPointer) -> Piece {
    depth = 0
    guard list != nil else { return .document(takePiece(bytes), line: documentLine) }
    moveToList(bytes)
    defer { list = nil }
    return .list(list ?? [], line: documentLine)
  }

  private mutating func takePiece(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    defer { start = index }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<index])
  }

  private mutating func betweenItems(_ byte: UInt8, after separator: Separator) throws(SyntaxError) {
    if skipBlank(byte) { return }
    start = index
    switch (byte, separator) {
    case (UInt8(ascii: "]"), .start), (UInt8(ascii: "]"), .item):
      // The bracket is the first byte of the rest of the document, where no string has been seen yet.
      index += 1
      stringStart = 0
      place = .inDocument
      isAfterItemsKey = false
    case (UInt8(ascii: ","), .item):
      index += 1
      place = .betweenItems(.comma)
    case (UInt8(ascii: ","), _), (UInt8(ascii: "]"), _):
      throw SyntaxError(line: line, problem: "an item is missing")
    default:
      place = .inItem
      itemLine = line
      depth = 0
    }
  }

  /// Looks at the bytes of an item. The item ends before the first comma or closing bracket outside of it.
  /// - Returns: the item, if its end was found.
  private mutating func itemBytes(_ bytes: UnsafeRawBufferPointer) throws(SyntaxError) -> Piece? {
    var index = self.index
    var isAtEnd = false
    scan: while index < bytes.count {
      let byte = bytes[index]
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: ",") where depth == 0, UInt8(ascii: "]") where depth == 0:
          isAtEnd = true
          break scan
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
      }
      index += 1
    }
    try advance(to: index, bytes, from: itemLine)
    guard isAtEnd else { return nil }
    depth = 1
    place = .betweenItems(.item)
    return .item(takePiece(bytes), line: itemLine)
  }

  private mutating func skipBlank(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x0a: line += 1
    case 0x20, 0x09, 0x0d: break
    default: return false
    }
    index += 1
    start = index
    return true
  }
}
