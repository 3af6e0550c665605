/// Reads text line by line.
package enum LineReader {
  /// Passes each line of a descriptor to `line`, without its newline, until the end. Blocks. A read error counts as the
  /// end, because no more lines can come.
  package static func read(_ descriptor: borrowing Descriptor, _ line: (ArraySlice<UInt8>) -> Void) {
    var rest: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while let count = try? descriptor.read(into: &buffer), count > 0 {
      var start = 0
      for index in 0..<count where buffer[index] == 0x0a {
        if rest.isEmpty {
          line(buffer[start..<index])
        } else {
          rest += buffer[start..<index]
          line(rest[...])
          rest.removeAll(keepingCapacity: true)
        }
        start = index + 1
      }
      rest += buffer[start..<count]
    }
    if !rest.isEmpty { line(rest[...]) }
  }
}
