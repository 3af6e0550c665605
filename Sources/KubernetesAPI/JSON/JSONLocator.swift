import ServiceModel
import YAML

/// Finds positions in JSON text for messages: the line of a field, or the place of a syntax error. It is only used
/// after an error was found.
struct JSONLocator {
  /// The place and the reason of a syntax error.
  struct SyntaxError: Error, Equatable {
    var offset: Int
    var problem: String
  }

  /// The depth limit of Foundation's decoder.
  private static let depthLimit = 512
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The line, counted from 0, of a field such as `spec.ports[1].port`. If the field is missing, the line of the
  /// nearest enclosing field that exists.
  func line(of field: String) -> Int {
    var walker = self
    var steps = FieldPath.steps(field)[...]
    do throws(SyntaxError) {
      walker.skipBlank()
      while let step = steps.popFirst() {
        var ahead = walker
        guard try ahead.enter(step) else { break }
        walker = ahead
      }
    } catch {
      // The walker is at the last field that was found.
    }
    return line(at: walker.index)
  }

  /// The text with the value at a path replaced; nil if the path does not exist.
  func replacing(_ steps: [FieldPath.Step], by value: [UInt8]) -> [UInt8]? {
    range(of: steps).map { Array(bytes[..<$0.lowerBound]) + value + Array(bytes[$0.upperBound...]) }
  }

  /// The text of the value at a path; nil if the path does not exist.
  func text(at steps: [FieldPath.Step]) -> [UInt8]? { range(of: steps).map { Array(bytes[$0]) } }

  private func range(of steps: [FieldPath.Step]) -> Range<Int>? {
    var walker = self
    do throws(SyntaxError) {
      walker.skipBlank()
      for step in steps { guard try walker.enter(step) else { return nil } }
      let start = walker.index
      try walker.skipValue(depth: 0)
      var end = walker.index
      while end > start, " \t\r\n".utf8.contains(bytes[end - 1]) { end -= 1 }
      return start..<end
    } catch {
      return nil
    }
  }

  /// The syntax error of the text; nil if it is valid JSON.
  func syntaxError() -> SyntaxError? {
    var walker = self
    do throws(SyntaxError) {
      try walker.skipValue(depth: 0)
      if walker.index < bytes.count { throw walker.failure("something follows the value") }
      return nil
    } catch {
      return error
    }
  }

  /// The line of an offset, counted from 0.
  func line(at offset: Int) -> Int { bytes[..<min(offset, bytes.count)].count { $0 == 0x0a } }

  /// Moves from a value to one of its members or elements. Returns false if there is none.
  private mutating func enter(_ step: FieldPath.Step) throws(SyntaxError) -> Bool {
    switch step {
    case .key(let key):
      guard peek == UInt8(ascii: "{") else { return false }
      return try members { walker throws(SyntaxError) in try walker.string() == Array(key.utf8) }
    case .index(let wanted):
      guard peek == UInt8(ascii: "[") else { return false }
      var count = -1
      return try elements { _ in
        count += 1
        return count == wanted
      }
    }
  }

  /// Moves through an object's members until `stop`, which reads the key, returns true. The value comes next then.
  private mutating func members(
    depth: Int = 0, until stop: (inout JSONLocator) throws(SyntaxError) -> Bool
  ) throws(SyntaxError) -> Bool {
    try take("{")
    if peek == UInt8(ascii: "}") { return try close("}") }
    while true {
      let isFound = try stop(&self)
      try take(":")
      if isFound { return true }
      try skipValue(depth: depth + 1)
      if peek == UInt8(ascii: "}") { return try close("}") }
      try take(",")
    }
  }

  private mutating func elements(
    depth: Int = 0, until stop: (inout JSONLocator) throws(SyntaxError) -> Bool
  ) throws(SyntaxError) -> Bool {
    try take("[")
    if peek == UInt8(ascii: "]") { return try close("]") }
    while true {
      if try stop(&self) { return true }
      try skipValue(depth: depth + 1)
      if peek == UInt8(ascii: "]") { return try close("]") }
      try take(",")
    }
  }

  private mutating func skipValue(depth: Int) throws(SyntaxError) {
    guard depth < JSONLocator.depthLimit else { throw failure("is nested too deep") }
    skipBlank()
    switch peek {
    case UInt8(ascii: "{"):
      _ = try members(depth: depth) { walker throws(SyntaxError) in
        _ = try walker.string()
        return false
      }
    case UInt8(ascii: "["): _ = try elements(depth: depth) { _ in false }
    case UInt8(ascii: "\""): _ = try string()
    case nil: throw failure("a value is missing")
    default: try skipWord()
    }
  }

  /// Skips a number, `true`, `false` or `null`.
  private mutating func skipWord() throws(SyntaxError) {
    let start = index
    while let byte = peek, !" \t\r\n,:[]{}\"".utf8.contains(byte) { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    guard ["true", "false", "null"].contains(word) || JSONNumber.isValid(bytes[start..<index]) else {
      index = start
      throw failure(word.isEmpty ? "a value is missing" : "\(word.quoted) is not a valid value")
    }
    skipBlank()
  }

  /// The raw text between the quotes. Escapes are not decoded.
  private mutating func string() throws(SyntaxError) -> [UInt8] {
    let start = index
    guard peek == UInt8(ascii: "\"") else { throw failure("a string is missing") }
    index += 1
    while let byte = peek, byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw failure("a string is not closed") }
      try skipCharacter(byte)
    }
    guard index < bytes.count else {
      index = start
      throw failure("a string is not closed")
    }
    index += 1
    let text = Array(bytes[(start + 1)..<(index - 1)])
    skipBlank()
    return text
  }

  /// Skips a byte of a string, or an escape.
  private mutating func skipCharacter(_ byte: UInt8) throws(SyntaxError) {
    guard byte == UInt8(ascii: "\\"), index + 1 < bytes.count else {
      index += 1
      return
    }
    let letter = bytes[index + 1]
    let isUnicode = letter == UInt8(ascii: "u")
    let code = bytes[(index + 2)...].prefix(isUnicode ? 4 : 0).prefix(while: \.isHexadecimal)
    guard "\"\\/bfnrt".utf8.contains(letter) || code.count == 4 else {
      let text = String(decoding: [byte, letter] + code, as: UTF8.self)
      throw failure("\(text.quoted) is not a valid escape")
    }
    index += 2 + code.count
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func close(_ character: Unicode.Scalar) throws(SyntaxError) -> Bool {
    try take(character)
    return false
  }

  private mutating func take(_ character: Unicode.Scalar) throws(SyntaxError) {
    guard peek == UInt8(ascii: character) else { throw failure("'\(character)' is missing") }
    index += 1
    skipBlank()
  }

  private mutating func skipBlank() {
    while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
  }

  private func failure(_ problem: String) -> SyntaxError { SyntaxError(offset: index, problem: problem) }
}

extension UInt8 {
  fileprivate var isHexadecimal: Bool { Unicode.Scalar(self).properties.isASCIIHexDigit }
}
