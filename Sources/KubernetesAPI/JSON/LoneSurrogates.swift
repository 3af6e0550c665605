import FoundationEssentials

/// Half of a character's UTF-16 code in a JSON string, such as `\ud800`. Go reads it as U+FFFD. Foundation's decoder
/// says that all of the text is not valid JSON.
enum LoneSurrogates {
  /// The JSON with U+FFFD in the place of each lone surrogate, in the same number of bytes; nil if there is none.
  static func replaced(in json: Data) -> Data? {
    var bytes = Array(json)
    var isChanged = false
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      let unit = codeUnit(bytes, at: index)
      index += unit == nil ? 2 : 6
      guard let unit, UTF16.isSurrogate(unit) else { continue }
      if UTF16.isLeadSurrogate(unit), let next = codeUnit(bytes, at: index), UTF16.isTrailSurrogate(next) {
        index += 6
      } else {
        bytes.replaceSubrange((index - 4)..<index, with: "fffd".utf8)
        isChanged = true
      }
    }
    return isChanged ? Data(bytes) : nil
  }

  /// The code of an escape such as `\u00e4`; nil for all other bytes.
  private static func codeUnit(_ bytes: [UInt8], at index: Int) -> UInt16? {
    guard index + 6 <= bytes.count, bytes[index...].starts(with: "\\u".utf8) else { return nil }
    return UInt16(String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
  }
}
