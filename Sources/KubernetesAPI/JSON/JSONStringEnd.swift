extension [UInt8] {
  /// The index of the quotation mark that closes a JSON string; the end of the text if none does.
  /// - Parameter start: the index after the opening quotation mark.
  func endOfJSONString(from start: Int) -> Int {
    var index = start
    while index < count, self[index] != UInt8(ascii: "\"") { index += self[index] == UInt8(ascii: "\\") ? 2 : 1 }
    return Swift.min(index, count)
  }
}
