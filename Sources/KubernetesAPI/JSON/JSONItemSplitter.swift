/// Splits a stream of JSON documents into objects as the bytes arrive. A list of any length needs only the memory of
/// its largest item: each element of a top-level `items` array is returned separately, and after the last one the
/// document without its items.
///
/// It only finds the boundaries. The decoder checks whether the pieces are valid JSON.
struct JSONItemSplitter {
  enum Piece: Equatable {
    /// An element of the top-level `items`, and its first line.
    case item([UInt8], line: Int)
    /// The whole document with empty `items`, and its first line.
    case document([UInt8], line: Int, hasItems: Bool)
  }

  /// The bytes are not a sequence of JSON objects.
  struct SyntaxError: Error, Equatable {
    var line: Int
    var problem: String
  }

  static let pieceLimit = WatchEventReader.objectLimit

  private enum Place {
    case betweenDocuments
    case inDocument
    case betweenItems(Separator)
    case inItem
  }

  private enum Separator {
    case start
    case item
    case comma
  }

  private var place = Place.betweenDocuments
  /// The number of open brackets in the document, or in the item while inside one.
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var hasItems = false
  /// The start of the last string directly inside the document. It may be a key.
  private var stringStart = 0
  private var isAfterItemsKey = false
  private var document: [UInt8] = []
  private var item: [UInt8] = []
  private var line = 1
  private var documentLine = 1
  private var itemLine = 1

  /// Takes the next bytes and emits the pieces that are now complete.
  mutating func consume(_ bytes: UnsafeRawBufferPointer, _ emit: (Piece) -> Void) throws(SyntaxError) {
    var index = 0
    while index < bytes.count {
      switch place {
      case .betweenDocuments:
        if try beginDocument(bytes[index]) { index += 1 }
      case .inDocument:
        index = try documentBytes(bytes, from: index, emit)
      case .betweenItems(let separator):
        if try betweenItems(bytes[index], after: separator) { index += 1 }
      case .inItem:
        index = try itemBytes(bytes, from: index, emit)
      }
    }
  }

  /// Called when there are no more bytes.
  func finish() throws(SyntaxError) {
    if case .betweenDocuments = place { return }
    throw SyntaxError(line: line, problem: "the text ends in the middle of an object")
  }

  /// Returns whether the byte was consumed.
  private mutating func beginDocument(_ byte: UInt8) throws(SyntaxError) -> Bool {
    if skipBlank(byte) { return true }
    guard byte == UInt8(ascii: "{") else {
      throw SyntaxError(line: line, problem: "an object has to begin with '{'")
    }
    place = .inDocument
    documentLine = line
    hasItems = false
    isAfterItemsKey = false
    return false
  }

  /// Takes bytes of the document up to its end or to the start of its `items`. Returns the index of the first byte
  /// after them. Most bytes of a watch pass through this function, so it has to be fast.
  private mutating func documentBytes(
    _ bytes: UnsafeRawBufferPointer, from start: Int, _ emit: (Piece) -> Void
  ) throws(SyntaxError) -> Int {
    var index = start
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
        if depth == 1 { stringStart = document.count + index - start - 1 }
      case UInt8(ascii: ":") where depth == 1:
        isAfterItemsKey = isItemsKey(bytes[start..<index])
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
    let run = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    guard document.count + run.count <= JSONItemSplitter.pieceLimit else { throw tooLarge(documentLine) }
    document.append(contentsOf: run)
    for byte in run where byte == 0x0a { line += 1 }
    self.place = place
    switch place {
    case .betweenItems: hasItems = true
    case .betweenDocuments: endDocument(emit)
    default: break
    }
    return index
  }

  /// Whether the last string directly inside the document is `"items"`. `run` contains its bytes that are not stored
  /// yet.
  private func isItemsKey(_ run: Slice<UnsafeRawBufferPointer>) -> Bool {
    let key = "\"items\"".utf8
    let stored = document.dropFirst(stringStart)
    let rest = run.dropFirst(max(0, stringStart - document.count))
    return stored.count >= key.count
      ? stored.starts(with: key) : (Array(stored) + rest.prefix(key.count)).starts(with: key)
  }

  private mutating func endDocument(_ emit: (Piece) -> Void) {
    let done = document
    document = []
    depth = 0
    place = .betweenDocuments
    emit(.document(done, line: documentLine, hasItems: hasItems))
  }

  /// Returns whether the byte was consumed.
  private mutating func betweenItems(_ byte: UInt8, after separator: Separator) throws(SyntaxError) -> Bool {
    if skipBlank(byte) { return true }
    switch (byte, separator) {
    case (UInt8(ascii: "]"), .start), (UInt8(ascii: "]"), .item):
      try append(byte)
      place = .inDocument
      isAfterItemsKey = false
      return true
    case (UInt8(ascii: ","), .item):
      place = .betweenItems(.comma)
      return true
    case (UInt8(ascii: ","), _), (UInt8(ascii: "]"), _):
      throw SyntaxError(line: line, problem: "an item is missing")
    default:
      place = .inItem
      itemLine = line
      depth = 0
      return false
    }
  }

  /// Takes the bytes of an item. The item ends before the first comma or closing bracket outside of it. Returns the
  /// index of the first byte after the item.
  private mutating func itemBytes(
    _ bytes: UnsafeRawBufferPointer, from start: Int, _ emit: (Piece) -> Void
  ) throws(SyntaxError) -> Int {
    var index = start
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
    guard item.count + index - start <= JSONItemSplitter.pieceLimit else { throw tooLarge(itemLine) }
    let run = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    item.append(contentsOf: run)
    for byte in run where byte == 0x0a { line += 1 }
    if isAtEnd { endItem(emit) }
    return index
  }

  private mutating func endItem(_ emit: (Piece) -> Void) {
    let done = item
    item = []
    item.reserveCapacity(done.count)
    depth = 1
    place = .betweenItems(.item)
    emit(.item(done, line: itemLine))
  }

  private mutating func append(_ byte: UInt8) throws(SyntaxError) {
    document.append(byte)
    if document.count > JSONItemSplitter.pieceLimit { throw tooLarge(documentLine) }
  }

  private func tooLarge(_ line: Int) -> SyntaxError {
    SyntaxError(line: line, problem: "the object is larger than \(JSONItemSplitter.pieceLimit >> 20) MiB")
  }

  private mutating func skipBlank(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x0a:
      line += 1
      return true
    case 0x20, 0x09, 0x0d: return true
    default: return false
    }
  }
}
